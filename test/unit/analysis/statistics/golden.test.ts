import { expect } from 'chai';
import { RowTotals } from '../../../../analysis/metrics/row-totals.js';
import { SortedRows } from '../../../../analysis/metrics/sorted-rows.js';
import { DEFAULT_SETTINGS } from '../../../../analysis/metrics/types.js';
import { delong } from '../../../../analysis/statistics/delong.js';
import { Draw } from '../../../../analysis/statistics/draw.js';
import { holm } from '../../../../analysis/statistics/holm.js';
import { mcnemar } from '../../../../analysis/statistics/mcnemar.js';
import { normalQuantile, normalTail } from '../../../../analysis/statistics/normal.js';
import { ResampledMetrics } from '../../../../analysis/statistics/resampled-metrics.js';
import { wilson } from '../../../../analysis/statistics/wilson.js';
import { METRIC_NAMES, METRICS } from '../../../support/metrics.js';
import { golden } from '../../../support/golden.js';
import type { SharedRows } from '../../../../analysis/statistics/shared-rows.js';

interface AreaNumbers {
  readonly aurocs: readonly number[];
  readonly covariance: readonly (readonly number[])[];
}

interface Golden {
  readonly rows: {
    readonly label: readonly number[];
    readonly strong: readonly number[];
    readonly first: readonly number[];
    readonly second: readonly number[];
  };
  readonly wilson: readonly (readonly [number, number, number, number])[];
  readonly mcnemar: readonly (readonly [number, number, number])[];
  readonly normal: readonly (readonly [number, number])[];
  readonly quantile: readonly (readonly [number, number])[];
  readonly delong: AreaNumbers & { readonly tied: AreaNumbers };
  readonly holm: { readonly p: readonly number[]; readonly adjusted: readonly number[] };
  readonly resamples: {
    readonly multiplicities: readonly string[];
    readonly auroc: readonly number[];
    readonly 'apgr-exact': readonly number[];
  };
}

describe('statistics, beside numpy, scipy and scikit-learn', () => {
  let wanted: Golden;
  let shared: SharedRows;
  let first: Float64Array;
  before(async () => {
    wanted = await golden<Golden>('statistics.json');
    const { label, strong } = wanted.rows;
    first = Float64Array.from(wanted.rows.first);
    shared = {
      n: label.length,
      weak: Float64Array.from(label),
      strong: Float64Array.from(strong),
      label: Uint8Array.from(label),
      cluster: Uint32Array.from(label, (_, i) => i),
      clusters: label.length,
    };
  });

  it('the normal distribution', () => {
    for (const [x, tail] of wanted.normal)
      expect(normalTail(x) / tail, String(x)).to.be.closeTo(1, 1e-12);
    for (const [p, x] of wanted.quantile)
      expect(normalQuantile(p), String(p)).to.be.closeTo(x, 1e-9);
  });

  it('Wilson, McNemar (mid-p) and Holm', () => {
    for (const [hits, n, low, high] of wanted.wilson) {
      const [ownLow, ownHigh] = wilson(hits, n);
      expect(ownLow).to.be.closeTo(low, 1e-9);
      expect(ownHigh).to.be.closeTo(high, 1e-9);
    }
    expect(wilson(0, 0)).to.deep.equal([0, 1]);
    for (const [b, c, p] of wanted.mcnemar)
      expect(mcnemar(b, c), `${b} and ${c}`).to.be.closeTo(p, 1e-9);
    holm(wanted.holm.p).forEach((p, i) =>
      expect(p).to.be.closeTo(wanted.holm.adjusted[i] as number, 1e-12),
    );
  });

  it('DeLong, without ties and with', () => {
    const second = Float64Array.from(wanted.rows.second);
    const check = (confidences: readonly Float64Array[], numbers: AreaNumbers): void => {
      const own = delong(shared.label, confidences);
      numbers.aurocs.forEach((auroc, i) => expect(own?.aurocs[i]).to.be.closeTo(auroc, 1e-12));
      numbers.covariance.forEach((line, i) =>
        line.forEach((value, j) => expect(own?.covariance[i]?.[j]).to.be.closeTo(value, 1e-12)),
      );
    };
    check([first, second], wanted.delong);
    // numpy rounds halves to even; six decimals never are halves
    check([first.map(Math.round), second.map(Math.round)], wanted.delong.tied);
    expect(delong(new Uint8Array(10), [new Float64Array(10)])).to.equal(null);
  });

  it('metrics of given resamples', () => {
    const sorted = new SortedRows(new RowTotals(shared), first);
    const draw = new Draw(shared);
    const metrics = new ResampledMetrics(METRICS, DEFAULT_SETTINGS, shared.n);
    const out = new Float64Array(METRIC_NAMES.length);
    wanted.resamples.multiplicities.forEach((digits, i) => {
      draw.take([...digits].map(Number));
      metrics.measure(sorted, draw, false, out);
      for (const name of ['auroc', 'apgr-exact'] as const)
        expect(out[METRIC_NAMES.indexOf(name)], name).to.be.closeTo(
          wanted.resamples[name][i] as number,
          1e-12,
        );
    });
  });
});

import { expect } from 'chai';
import { buildCurve } from '../../../../analysis/metrics/curve.js';
import { reliability } from '../../../../analysis/metrics/calibration.js';
import { measure } from '../../../../analysis/metrics/measure.js';
import { DEFAULT_SETTINGS } from '../../../../analysis/metrics/types.js';
import { METRICS } from '../../../support/metrics.js';
import { golden } from '../../../support/golden.js';

const NAMES = ['brier', 'ece', 'aurc', 'e-aurc', 'selective80', 'selective90'] as const;

interface Golden extends Readonly<Record<(typeof NAMES)[number], number>> {
  readonly rows: {
    readonly label: readonly number[];
    readonly strong: readonly number[];
    readonly first: readonly number[];
  };
  readonly reliability: readonly (readonly [number, number])[];
}

const CALIBRATED = { ...DEFAULT_SETTINGS, calibrated: true };

describe('metrics of calibration and of risk', () => {
  let wanted: Golden;
  let rows: {
    n: number;
    weak: Float64Array;
    strong: Float64Array;
    label: Uint8Array;
    confidence: Float64Array;
  };
  before(async () => {
    wanted = await golden<Golden>('statistics.json');
    const { label, strong, first } = wanted.rows;
    rows = {
      n: label.length,
      weak: Float64Array.from(label),
      strong: Float64Array.from(strong),
      label: Uint8Array.from(label),
      confidence: Float64Array.from(first),
    };
  });

  it('match scikit-learn and numpy', () => {
    const measured = measure(METRICS, rows, CALIBRATED);
    for (const name of NAMES)
      expect(measured[name]?.value, name).to.be.closeTo(wanted[name], 1e-12);
    const bins = reliability(buildCurve(rows));
    expect(bins).to.have.length(15);
    bins.forEach(([probability, right, mass], i) => {
      expect(probability).to.be.closeTo(wanted.reliability[i]?.[0] as number, 1e-12);
      expect(right).to.be.closeTo(wanted.reliability[i]?.[1] as number, 1e-12);
      expect(mass).to.be.closeTo(30, 1e-9);
    });
  });

  it('calibration is null for a confidence that is no probability, or without any', () => {
    const plain = measure(METRICS, rows, DEFAULT_SETTINGS);
    const reason = 'its confidence is not a probability';
    expect([plain['brier'], plain['ece']]).to.deep.equal([
      { value: null, reason },
      { value: null, reason },
    ]);
    const silent = { ...rows, confidence: new Float64Array(rows.n).fill(NaN) };
    expect(measure(METRICS, silent, CALIBRATED)['ece']).to.deep.equal({
      value: null,
      reason: 'no row has a confidence',
    });
  });

  it('selective accuracy is the share of right answers among the most confident', () => {
    // of 20 rows the most confident 10 are right, then every second one
    const label = Uint8Array.from({ length: 20 }, (_, i) => (i >= 10 || i % 2 === 0 ? 1 : 0));
    const measured = measure(
      METRICS,
      {
        n: 20,
        weak: Float64Array.from(label),
        strong: new Float64Array(20).fill(1),
        label,
        confidence: Float64Array.from(label, (_, i) => i),
      },
      DEFAULT_SETTINGS,
    );
    const rightAmong = (kept: number): number =>
      label.slice(20 - kept).reduce((sum, right) => sum + right, 0) / kept;
    expect(measured['selective80']?.value).to.be.closeTo(rightAmong(16), 1e-12);
    expect(measured['selective90']?.value).to.be.closeTo(rightAmong(18), 1e-12);
    expect(measured['selective95']?.value).to.be.closeTo(rightAmong(19), 1e-12);
    expect(rightAmong(19)).to.equal(14 / 19);
  });
});

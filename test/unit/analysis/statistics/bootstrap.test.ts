import { expect } from 'chai';
import { seededRandom } from '../../../../core/index.js';
import { DEFAULT_SETTINGS } from '../../../../analysis/metrics/types.js';
import { Bootstrap } from '../../../../analysis/statistics/bootstrap.js';
import { delong } from '../../../../analysis/statistics/delong.js';
import { rankRanges } from '../../../../analysis/statistics/ranks.js';
import { interval, pAtLeast, pDifferent, spread } from '../../../../analysis/statistics/spread.js';
import type { SharedRows } from '../../../../analysis/statistics/shared-rows.js';
import { METRIC_NAMES, METRICS } from '../../../support/metrics.js';
import { simulated } from '../../../support/simulate.js';

const column = (values: Float32Array, metric: string): Float32Array => {
  const at = METRIC_NAMES.indexOf(metric);
  return Float32Array.from(
    { length: values.length / METRIC_NAMES.length },
    (_, b) => values[b * METRIC_NAMES.length + at] as number,
  );
};
const around = (
  values: ArrayLike<number>,
): { readonly low: number; readonly high: number; readonly error: number } => {
  const own = spread(values, 0.95);
  if ('reason' in own) throw new Error(own.reason);
  return own;
};
const plain = (confidence: Float64Array) => ({ confidences: [confidence], calibrated: false });

describe('the paired cluster bootstrap', () => {
  it('draws the same for every router, so a router and its copy under a growing transform never differ', () => {
    const {
      shared,
      confidences: [own],
    } = simulated(1, 200, [1]);
    const confidence = own as Float64Array;
    const [a, b] = new Bootstrap(
      METRICS,
      shared,
      [plain(confidence), plain(confidence.map((f) => Math.exp(f)))],
      DEFAULT_SETTINGS,
    ).resample({ seed: 's', from: 0, to: 50 });
    for (const metric of ['auroc', 'lpm', 'hcr-exact', 'apgr-exact', 'aurc'])
      expect(column(a as Float32Array, metric), metric).to.deep.equal(
        column(b as Float32Array, metric),
      );
  });

  it('gives the same numbers in one go and in pieces, and others for another seed', () => {
    const { shared, confidences } = simulated(2, 100, [1]);
    const routers = confidences.map(plain);
    const draw = (seed: string, from: number, to: number): number[] => [
      ...(new Bootstrap(METRICS, shared, routers, DEFAULT_SETTINGS).resample({
        seed,
        from,
        to,
      })[0] as Float32Array),
    ];
    expect([...draw('s', 0, 7), ...draw('s', 7, 20)]).to.deep.equal(draw('s', 0, 20));
    expect(draw('t', 0, 20)).to.not.deep.equal(draw('s', 0, 20));
  });

  it('has the mean over training seeds in each resample', () => {
    const {
      shared,
      confidences: [a, b],
    } = simulated(3, 150, [1, 0.5]) as {
      shared: SharedRows;
      confidences: [Float64Array, Float64Array];
    };
    const [both, first, second] = new Bootstrap(
      METRICS,
      shared,
      [{ confidences: [a, b], calibrated: false }, plain(a), plain(b)],
      DEFAULT_SETTINGS,
    )
      .resample({ seed: 's', from: 0, to: 20 })
      .map((values) => column(values, 'auroc'));
    both?.forEach((value, i) =>
      expect(value).to.be.closeTo(((first?.[i] as number) + (second?.[i] as number)) / 2, 1e-6),
    );
  });

  it('agrees with DeLong on the error of an AUROC and of the difference of two', () => {
    const { shared, confidences } = simulated(4, 800, [1.2, 1]);
    const closed = delong(shared.label, confidences);
    const [a, b] = new Bootstrap(METRICS, shared, confidences.map(plain), DEFAULT_SETTINGS)
      .resample({ seed: 's', from: 0, to: 1000 })
      .map((values) => column(values, 'auroc')) as [Float32Array, Float32Array];
    const variance = (i: number, j: number): number => closed?.covariance[i]?.[j] as number;
    expect(around(a).error / Math.sqrt(variance(0, 0))).to.be.closeTo(1, 0.08);
    expect(
      around(a.map((value, i) => value - (b[i] as number))).error /
        Math.sqrt(variance(0, 0) + variance(1, 1) - 2 * variance(0, 1)),
    ).to.be.closeTo(1, 0.08);
  });

  it('is no surer for rows that are copies of each other in one cluster, and is for copies that pass as rows of their own', () => {
    const {
      shared,
      confidences: [own],
    } = simulated(5, 300, [1]);
    const twice = (values: Float64Array): Float64Array => Float64Array.from([...values, ...values]);
    const doubled: SharedRows = {
      n: 600,
      weak: twice(shared.weak),
      strong: twice(shared.strong),
      clusters: 300,
      label: Uint8Array.from([...shared.label, ...shared.label]),
      cluster: Uint32Array.from([...shared.cluster, ...shared.cluster]),
    };
    const naive: SharedRows = {
      ...doubled,
      cluster: Uint32Array.from({ length: 600 }, (_, i) => i),
      clusters: 600,
    };
    const error = (rows: SharedRows, confidence: Float64Array): number =>
      around(
        column(
          new Bootstrap(METRICS, rows, [plain(confidence)], DEFAULT_SETTINGS).resample({
            seed: 's',
            from: 0,
            to: 600,
          })[0] as Float32Array,
          'auroc',
        ),
      ).error;
    const confidence = own as Float64Array;
    const [single, clustered, pretended] = [
      error(shared, confidence),
      error(doubled, twice(confidence)),
      error(naive, twice(confidence)),
    ];
    expect(clustered).to.be.closeTo(single, 1e-9);
    expect(pretended / single).to.be.closeTo(Math.SQRT1_2, 0.08);
  });

  it('has no interval where a metric is null in too many resamples, and says in how many', () => {
    const few = Float32Array.from({ length: 101 }, (_, i) => (i < 3 ? NaN : i));
    expect(spread(few, 0.95)).to.deep.equal({ reason: 'null in 3 of 101 resamples' });
    expect(spread(few.subarray(1), 0.95)).to.have.property('low');
    expect(pAtLeast({ value: 0, resamples: few, rarerLabel: 50 }, 0)).to.equal(null);
  });
});

describe('intervals of resampled numbers', () => {
  const random = seededRandom('interval');
  const draws = (value: number, error: number): Float64Array =>
    Float64Array.from({ length: 2000 }, () => value + error * random.normal());

  it('are wider the fewer queries have the rarer label', () => {
    const width = (rarerLabel: number): number => {
      const around = interval({ value: 5, resamples: draws(5, 1), rarerLabel }, 0.95);
      return 'low' in around ? around.high - around.low : NaN;
    };
    expect(width(Infinity)).to.be.closeTo(2 * 1.96, 0.15);
    expect(width(20)).to.be.closeTo(2 * 2.093, 0.15); // scipy: t.ppf(0.975, 19) is 2.0930
    expect(width(5)).to.be.closeTo(2 * 2.776, 0.2); // t.ppf(0.975, 4) is 2.7764
  });

  it('are wider where few resamples are far out', () => {
    const heavy = draws(5, 1).map((value, i) => (i % 50 === 0 ? 5 + 6 * (value - 5) : value));
    const around = interval({ value: 5, resamples: heavy, rarerLabel: 100 }, 0.95);
    if ('reason' in around) throw new Error(around.reason);
    expect((around.high - around.low) / around.error).to.be.greaterThan(5);
  });

  it('of an AUROC are on the scale of its logit: inside 0 and 1, longer towards the middle', () => {
    const around = interval(
      { value: 0.97, resamples: draws(0.97, 0.02), rarerLabel: 30, isAuroc: true },
      0.95,
    );
    if ('reason' in around) throw new Error(around.reason);
    expect(around.high).to.be.lessThan(1);
    expect(0.97 - around.low).to.be.greaterThan(2 * (around.high - 0.97));
  });

  it('always hold the value, and are not given where the resamples are not about it', () => {
    const shifted = interval({ value: 5.3, resamples: draws(5, 1), rarerLabel: 1000 }, 0.95);
    expect('low' in shifted && shifted.low < 5.3 && shifted.high > 5.3).to.equal(true);
    const biased = interval({ value: 3.5, resamples: draws(5, 1), rarerLabel: 1000 }, 0.95);
    expect(biased).to.have.property('reason').that.contains('biased').and.contains('3.50');
  });

  it('are a point where all resamples are equal, and missing where that is an end of the range', () => {
    const same = (value: number) => ({
      value,
      resamples: new Float32Array(100).fill(value),
      rarerLabel: 50,
      range: [0, 1] as const,
    });
    expect(interval(same(0.7), 0.95)).to.deep.equal({ low: 0.7, high: 0.7, error: 0 });
    expect(interval(same(1), 0.95))
      .to.have.property('reason')
      .that.contains('in every resample');
  });

  it('stay inside the range of the metric', () => {
    const around = interval(
      { value: 0.99, resamples: draws(0.99, 0.01), rarerLabel: 40, range: [0, 1] },
      0.95,
    );
    expect(around).to.have.property('high', 1);
  });
});

describe('p values of resamples', () => {
  const normal = (mean: number, error: number): Float64Array => {
    const random = seededRandom('p');
    return Float64Array.from({ length: 2000 }, () => mean + error * random.normal());
  };

  it('are those of Student\u2019s t, with the degrees of freedom of the rarer label', () => {
    const p = (value: number, error: number, rarerLabel: number): number | null =>
      pAtLeast({ value, resamples: normal(value, error), rarerLabel }, 0);
    expect(p(-1, 1, Infinity)).to.be.closeTo(0.1587, 0.02);
    expect(p(-1, 0.2, Infinity)).to.be.closeTo(2.87e-7, 2e-7);
    expect(p(1, 0.2, Infinity)).to.be.greaterThan(0.99);
    expect(p(-2, 1, 20)).to.be.closeTo(0.03, 0.005); // scipy: t.sf(2, 19) is 0.0300
  });

  it('are 1 for a router and itself, whatever it stands on', () => {
    for (const rarerLabel of [20, Infinity])
      expect(pDifferent({ value: 0, resamples: new Float64Array(2000), rarerLabel })).to.equal(1);
  });
});

describe('ranks', () => {
  const { shared, confidences } = simulated(6, 600, [2, 1, 1, 0]);
  const values = new Bootstrap(METRICS, shared, confidences.map(plain), DEFAULT_SETTINGS)
    .resample({ seed: 's', from: 0, to: 500 })
    .map((own) => column(own, 'auroc'));
  const contenders = values.map((resamples) => ({
    value: resamples.reduce((sum, value) => sum + value, 0) / resamples.length,
    resamples,
    rarerLabel: 200,
  }));

  it('are ranges: routers that the data cannot tell apart share theirs', () => {
    const { ranges, pairs, detectableGap } = rankRanges(contenders, 0.95);
    expect(ranges).to.deep.equal([
      [1, 1],
      [2, 3],
      [2, 3],
      [4, 4],
    ]);
    expect(pairs).to.equal(6);
    expect(detectableGap).to.be.within(0.02, 0.1);
  });

  it('a router without resamples is told from nobody', () => {
    const { ranges } = rankRanges(
      [...contenders.slice(0, 2), { value: 0.1, resamples: null, rarerLabel: 200 }],
      0.95,
    );
    expect(ranges).to.deep.equal([
      [1, 2],
      [2, 3],
      [1, 3],
    ]);
  });
});

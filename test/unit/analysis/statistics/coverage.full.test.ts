import { expect } from 'chai';
import { seededRandom, type Random } from '../../../../core/index.js';
import { judge } from '../../../../analysis/comparison/verdict.js';
import type { Difference } from '../../../../analysis/comparison/compare.js';
import { measureOne, type LoadedMetric } from '../../../../analysis/metrics/measure.js';
import { DEFAULT_SETTINGS } from '../../../../analysis/metrics/types.js';
import { Bootstrap } from '../../../../analysis/statistics/bootstrap.js';
import { rankRanges } from '../../../../analysis/statistics/ranks.js';
import { interval, pAtLeast, pDifferent } from '../../../../analysis/statistics/spread.js';
import type { SharedRows } from '../../../../analysis/statistics/shared-rows.js';
import { METRIC_NAMES, METRICS } from '../../../support/metrics.js';

/** About as many rows have the rarer label. */
const RARER = 150;

interface Simulated {
  readonly shared: SharedRows;
  readonly confidences: readonly Float64Array[];
}

/**
 * A weak model right on 60 % of the queries, a strong one right on 90 %; routers that see the label
 * through noise.
 */
function simulate(random: Random, n: number, signals: readonly number[]): Simulated {
  const label = Uint8Array.from({ length: n }, () => (random.float() < 0.6 ? 1 : 0));
  const strong = Float64Array.from(label, () => (random.float() < 0.9 ? 1 : 0));
  // what all routers see alike
  const seen = Float64Array.from(label, (y) => y + 0.5 * random.normal());
  return {
    shared: {
      n,
      weak: Float64Array.from(label),
      strong,
      label,
      cluster: Uint32Array.from(label, (_, i) => i),
      clusters: n,
    },
    confidences: signals.map((signal) =>
      Float64Array.from(label, (_, i) => signal * (seen[i] as number) + random.normal()),
    ),
  };
}

const column = (values: Float32Array | undefined, metric: string): Float32Array => {
  const [width, at] = [METRIC_NAMES.length, METRIC_NAMES.indexOf(metric)];
  return Float32Array.from(
    { length: (values?.length ?? 0) / width },
    (_, b) => values?.[b * width + at] ?? NaN,
  );
};

const computeMetric = ({ shared }: Simulated, confidence: Float64Array, metric: string): number =>
  measureOne(
    METRICS.find(({ definition }) => definition.name === metric) as LoadedMetric,
    { ...shared, confidence },
    DEFAULT_SETTINGS,
  ).value ?? NaN;

const draws = (
  { shared, confidences }: Simulated,
  resamples: number,
  seed: number,
): readonly Float32Array[] =>
  new Bootstrap(
    METRICS,
    shared,
    confidences.map((confidence) => ({ confidences: [confidence], calibrated: false })),
    DEFAULT_SETTINGS,
  ).resample({ seed: String(seed), from: 0, to: resamples });

describe('the statistics, on thousands of simulated benchmarks', function () {
  this.timeout(600_000);

  it('intervals hold the true value in 93 to 97 of 100 benchmarks of 1,000 queries: auroc, lpm, apgr', () => {
    const metrics = ['auroc', 'lpm', 'lpm-exact', 'apgr', 'apgr-exact'];
    const population = simulate(seededRandom('population'), 2_000_000, [1.5]);
    const truth = metrics.map((metric) =>
      computeMetric(population, population.confidences[0] as Float64Array, metric),
    );
    const held = metrics.map(() => 0);
    const random = seededRandom('coverage');
    for (let i = 0; i < 1000; i++) {
      const one = simulate(random, 1000, [1.5]);
      const [values] = draws(one, 500, i);
      metrics.forEach((metric, m) => {
        const around = interval(
          {
            value: computeMetric(one, one.confidences[0] as Float64Array, metric),
            resamples: column(values, metric),
            rarerLabel: RARER,
            isAuroc: metric === 'auroc',
          },
          0.95,
        );
        if (
          'low' in around &&
          around.low <= (truth[m] as number) &&
          (truth[m] as number) <= around.high
        )
          held[m] = (held[m] as number) + 1;
      });
    }
    expect(truth[0]).to.be.within(0.7, 0.9);
    console.log(
      `      held: ${metrics.map((metric, m) => `${metric} ${((held[m] as number) / 10).toFixed(1)} %`).join(', ')}`,
    );
    metrics.forEach((metric, m) =>
      expect((held[m] as number) / 1000, metric).to.be.within(0.93, 0.97),
    );
  });

  it('equally good routers are told apart in at most 5 of 100 benchmarks, by a test, by a gate of many checks, and by a board of many pairs', () => {
    const random = seededRandom('a/a');
    const benchmarks = 600;
    let [test, gate, board] = [0, 0, 0];
    for (let i = 0; i < benchmarks; i++) {
      const routers = [1, 1, 1, 1];
      const one = simulate(random, 400, routers);
      const values = draws(one, 400, i);
      const auroc = values.map((own) => column(own, 'auroc'));
      const estimate = one.confidences.map((confidence) => computeMetric(one, confidence, 'auroc'));
      const between = (a: number, b: number): Float32Array =>
        (auroc[b] as Float32Array).map(
          (value, k) => value - ((auroc[a] as Float32Array)[k] as number),
        );
      if (
        (pDifferent({
          value: (estimate[1] as number) - (estimate[0] as number),
          resamples: between(0, 1),
          rarerLabel: RARER,
        }) as number) <= 0.05
      )
        test++;
      const differences = [
        [0, 1],
        [2, 3],
        [0, 2],
        [1, 3],
      ].map(([a = 0, b = 0]): Difference => {
        const own = between(a, b);
        const gap = (estimate[b] as number) - (estimate[a] as number);
        const number = { value: gap, resamples: own, rarerLabel: RARER };
        const around = interval(number, 0.95) as { readonly low: number; readonly high: number };
        return {
          router: `${a}${b}`,
          column: 'c',
          metric: 'auroc',
          higherIsBetter: true,
          before: 0,
          after: gap,
          difference: gap,
          pairing: 'paired',
          ci: [around.low, around.high],
          pNotWorse: (margin) => pAtLeast(number, -margin),
        };
      });
      if (judge({ differences }, { auroc: { margin: 0 } }, ['c'], 0.95).verdict === 'fail') gate++;
      if (
        rankRanges(
          auroc.map((resamples, r) => ({
            value: estimate[r] as number,
            resamples,
            rarerLabel: RARER,
          })),
          0.95,
        ).ranges.some(([best, worst]) => best !== 1 || worst !== routers.length)
      )
        board++;
    }
    const shares = [test, gate, board].map((count) => count / benchmarks);
    console.log(
      `      false alarms: test ${shares[0]?.toFixed(3)}, gate without a margin ${shares[1]?.toFixed(3)}, board ${shares[2]?.toFixed(3)}`,
    );
    for (const share of shares)
      expect(share).to.be.at.most(0.05 + 2 * Math.sqrt((0.05 * 0.95) / benchmarks));
  });

  it('a worse router is found more often the worse it is, in about 80 of 100 benchmarks at the gap the board calls detectable', () => {
    const random = seededRandom('power');
    const found = [0.95, 0.8, 0.6].map((signal) => {
      let [hits, gaps] = [0, 0];
      for (let i = 0; i < 200; i++) {
        const one = simulate(random, 500, [1, signal]);
        const [a, b] = draws(one, 400, i).map((own) => column(own, 'auroc')) as [
          Float32Array,
          Float32Array,
        ];
        const values = one.confidences.map((confidence) =>
          computeMetric(one, confidence, 'auroc'),
        ) as [number, number];
        if (
          (pDifferent({
            value: values[0] - values[1],
            resamples: a.map((value, k) => value - (b[k] as number)),
            rarerLabel: RARER,
          }) as number) <= 0.05
        )
          hits++;
        gaps += rankRanges(
          [
            { value: values[0], resamples: a, rarerLabel: RARER },
            { value: values[1], resamples: b, rarerLabel: RARER },
          ],
          0.95,
        ).detectableGap as number;
      }
      return { power: hits / 200, detectable: gaps / 200 };
    });
    expect(found.map(({ power }) => power)).to.deep.equal(
      [...found.map(({ power }) => power)].sort((a, b) => a - b),
    );
    const large = simulate(seededRandom('gap'), 400_000, [1, 0.6]);
    const gap =
      computeMetric(large, large.confidences[0] as Float64Array, 'auroc') -
      computeMetric(large, large.confidences[1] as Float64Array, 'auroc');
    const { power, detectable } = found[2] as (typeof found)[number];
    console.log(
      `      gap ${gap.toFixed(4)}, detectable ${detectable.toFixed(4)}, found in ${(100 * power).toFixed(0)} %`,
    );
    expect(
      power > 0.8,
      'found in 80 of 100 exactly where the gap is above the detectable one',
    ).to.equal(gap > detectable);
  });
});

import { expect } from 'chai';
import { seededRandom } from '../../../../core/index.js';
import { compare, type CompareOptions } from '../../../../analysis/comparison/compare.js';
import type { ComparedRun } from '../../../../analysis/comparison/compared-run.js';
import { judge, type Check } from '../../../../analysis/comparison/verdict.js';
import { measureOne, type LoadedMetric } from '../../../../analysis/metrics/measure.js';
import { DEFAULT_SETTINGS } from '../../../../analysis/metrics/types.js';
import { Bootstrap } from '../../../../analysis/statistics/bootstrap.js';
import { METRICS } from '../../../support/metrics.js';
import {
  simulateBenchmark,
  type BenchmarkShape,
  type SimulatedBenchmark,
} from '../../../support/simulated-benchmark.js';

/** As in support.full.test.ts. */
const SIMULATIONS = Number(process.env['RXB_SIMULATIONS'] ?? 150);
const AUROC = METRICS.filter(({ definition }) => definition.name === 'auroc');
const auroc = AUROC[0] as LoadedMetric;

/** A run of one router on one set. */
function toRun(
  label: string,
  { shared, confidences }: SimulatedBenchmark,
  router: number,
): ComparedRun {
  const confidence = confidences[router] as Float64Array;
  const { lowBand, recoveryBand } = DEFAULT_SETTINGS;
  return {
    label,
    kind: 'run',
    run: label,
    sets: [
      {
        name: 'set',
        role: 'out-of-domain',
        group: null,
        provenance: {
          label: { kind: 'correct', threshold: 1 },
          scale: [0, 1],
          lowBand: [...lowBand],
          recoveryBand: [...recoveryBand],
        },
      },
    ],
    cells: [
      {
        router: 'r',
        dataset: 'set',
        plugin: 'r',
        version: 1,
        calibrated: false,
        unranked: null,
        seeds: 1,
        metrics: {
          auroc: measureOne(auroc, { ...shared, confidence }, DEFAULT_SETTINGS),
        },
        confidences: [label],
      },
    ],
    rows: () =>
      Promise.resolve({
        graded: {
          ids: Array.from(shared.label, (_, row) => String(row).padStart(6, '0')),
          clusters: Array.from(shared.cluster, String),
          weak: shared.weak,
          strong: shared.strong,
          cost: null,
        },
        confidences: [confidence],
      }),
  };
}

/** The check of one gate; undefined where all labels are equal, so that there is no AUROC. */
async function check(
  benchmark: SimulatedBenchmark,
  margin: number,
  seed: number,
): Promise<Check | undefined> {
  const options: CompareOptions = {
    metrics: ['auroc'],
    definitions: AUROC.map(({ definition }) => definition),
    statistics: { resamples: 300, level: 0.95, seed },
    signal: new AbortController().signal,
    advance: () => {},
    resample: (jobs) =>
      Promise.resolve(
        jobs.map(({ shared, routers, settings, seed: name, resamples }) =>
          new Bootstrap(AUROC, shared, routers, settings).resample({
            seed: name,
            from: 0,
            to: resamples,
          }),
        ),
      ),
  };
  const compared = await compare(
    toRun('before', benchmark, 0),
    toRun('after', benchmark, 1),
    options,
  );
  const { checks } = judge(compared, { auroc: { margin } }, ['OOD AVG'], 0.95);
  return checks[0];
}

/** Share of simulated gates with this verdict, among those that could give one. */
async function countVerdicts(
  shape: Omit<BenchmarkShape, 'aurocs'>,
  [before, after]: readonly [number, number],
  margin: number,
): Promise<{ readonly pass: number; readonly fail: number; readonly given: number }> {
  const random = seededRandom(`gate/${shape.kind}/${shape.n}/${shape.share}/${after}`);
  const counted = { pass: 0, fail: 0, given: 0 };
  for (let i = 0; i < SIMULATIONS; i++) {
    const benchmark = simulateBenchmark(random, { ...shape, aurocs: [before, after] });
    const checked = await check(benchmark, margin, i);
    if (checked === undefined) continue;
    const { verdict, because, difference } = checked;
    if (difference.ci === undefined) {
      expect(verdict).to.equal('inconclusive');
      expect(because).to.match(/independent quer(y|ies) with label [01], fewer than 20/);
      continue;
    }
    counted.given++;
    if (verdict !== 'inconclusive') counted[verdict]++;
  }
  return counted;
}

const noise = (count: number): number => 3 * Math.sqrt((0.06 * 0.94) / Math.max(1, count));

describe('the gate with few rows of a label, on simulated runs', function () {
  this.timeout(1_200_000);

  for (const [title, aurocs, margin, wrong] of [
    ['passes a router that is worse by the margin', [0.8, 0.75], 0.05, 'pass'],
    ['passes a router that is worse by the margin, near 1', [0.97, 0.94], 0.03, 'pass'],
    ['calls an equal router worse', [0.8, 0.8], 0, 'fail'],
    ['calls an equal router worse, near 1', [0.96, 0.96], 0, 'fail'],
  ] as const)
    it(`${title} in at most 6 of 100 cases, and gives no verdict below the floor`, async () => {
      const all = { wrong: 0, given: 0 };
      for (const shape of [
        { n: 200, share: 0.03, kind: 'plain' },
        { n: 200, share: 0.12, kind: 'plain' },
        { n: 200, share: 0.5, kind: 'tied' },
        { n: 1000, share: 0.025, kind: 'plain' },
        { n: 500, share: 0.3, kind: 'clustered' },
      ] as const) {
        const counted = await countVerdicts(shape, aurocs, margin);
        if (shape.share < 0.1 && shape.n < 500) expect(counted.given).to.equal(0);
        else expect(counted.given).to.be.greaterThan(SIMULATIONS / 4);
        all.wrong += counted[wrong];
        all.given += counted.given;
        console.log(
          `      ${shape.kind}, n ${shape.n}, share ${shape.share}: a verdict in ${counted.given} of ${SIMULATIONS}, wrong in ${counted[wrong]}`,
        );
        expect(counted[wrong] / Math.max(1, counted.given)).to.be.at.most(
          0.06 + noise(counted.given),
        );
      }
      expect(all.wrong / all.given).to.be.at.most(0.06 + noise(all.given));
    });
});

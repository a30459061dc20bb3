import { seededRandom, type Random } from '../../core/index.js';
import { normalQuantile } from '../../analysis/statistics/normal.js';
import type { RowCosts } from '../../analysis/metrics/types.js';
import type { SharedRows } from '../../analysis/statistics/shared-rows.js';

/** How a benchmark is drawn. */
export interface BenchmarkShape {
  readonly n: number;
  /** Share of rows with label 1. */
  readonly share: number;
  /** True AUROC of each router, before ties. */
  readonly aurocs: readonly number[];
  /** tied: about ten different confidences. clustered: five rows share half of all variance. */
  readonly kind: 'plain' | 'tied' | 'clustered';
  /** Factor and summand on the log-odds: a calibrated router has 1 and 0. */
  readonly miscalibration?: readonly [factor: number, summand: number];
}

/** Rows of a set, and routers on it. */
export interface SimulatedBenchmark {
  readonly shared: SharedRows;
  readonly confidences: readonly Float64Array[];
  readonly cost: RowCosts;
}

const PER_CLUSTER = 5;
const distance = (auroc: number): number => Math.SQRT2 * normalQuantile(1 - auroc);

/** Half of the variance is common to a cluster. */
const withCommon = (own: number, common: number, isClustered: boolean): number =>
  isClustered ? Math.SQRT1_2 * (own + common) : own;

/**
 * Draws a benchmark whose true values are known: confidences are normal, further up where the label
 * is 1, by as much as the AUROC needs; a half of their variance is common to all routers. The
 * strong model is right on 97 % of what the weak one gets right, and on 60 % of the rest.
 */
export function simulateBenchmark(
  random: Random,
  { n, share, aurocs, kind, miscalibration = [1, 0] }: BenchmarkShape,
): SimulatedBenchmark {
  const isClustered = kind === 'clustered';
  const threshold = normalQuantile(1 - share);
  const distances = aurocs.map(distance);
  const confidences = aurocs.map(() => new Float64Array(n));
  const label = new Uint8Array(n);
  const strong = new Float64Array(n);
  const cluster = new Uint32Array(n);
  let clusters = 0;
  let [labelCommon, noiseCommon] = [0, 0];
  let routerCommon: readonly number[] = [];
  for (let row = 0; row < n; row++) {
    if (!isClustered || row % PER_CLUSTER === 0) {
      clusters++;
      [labelCommon, noiseCommon] = [random.normal(), random.normal()];
      routerCommon = aurocs.map(() => random.normal());
    }
    cluster[row] = clusters - 1;
    const right = withCommon(random.normal(), labelCommon, isClustered) < threshold;
    label[row] = right ? 1 : 0;
    strong[row] = random.float() < (right ? 0.97 : 0.6) ? 1 : 0;
    const noise = withCommon(random.normal(), noiseCommon, isClustered);
    distances.forEach((d, router) => {
      const own = withCommon(random.normal(), routerCommon[router] ?? 0, isClustered);
      const seen = d * (label[row] as number) + Math.SQRT1_2 * (noise + own);
      const [factor, summand] = miscalibration;
      const logit = d * seen - (d * d) / 2 + Math.log(share / (1 - share));
      (confidences[router] as Float64Array)[row] =
        kind === 'tied' ? tie(seen) : factor * logit + summand + 1e-9 * seen;
    });
  }
  return {
    shared: { n, weak: Float64Array.from(label), strong, label, cluster, clusters },
    confidences,
    cost: {
      weak: Float64Array.from(label, () => 1e-5 * (1 + random.float())),
      strong: Float64Array.from(label, () => 1e-3 * (1 + random.float())),
    },
  };
}

const STEP = 1.5;
const tie = (value: number): number => Math.round(value * STEP) / STEP;

/** The true AUROC of the shape's routers: that of a large sample where confidences are tied. */
export function trueAuroc(auroc: number, kind: BenchmarkShape['kind']): number {
  if (kind !== 'tied') return auroc;
  const known = tiedAurocs.get(auroc) ?? measureTied(auroc);
  tiedAurocs.set(auroc, known);
  return known;
}

const tiedAurocs = new Map<number, number>();

function measureTied(auroc: number): number {
  const random = seededRandom('ties');
  const counts = [new Map<number, number>(), new Map<number, number>()] as const;
  const d = distance(auroc);
  const sample = 1_000_000;
  for (let i = 0; i < sample; i++)
    for (const label of [0, 1] as const) {
      const value = tie(d * label + random.normal());
      counts[label].set(value, (counts[label].get(value) ?? 0) + 1);
    }
  let [below, area] = [0, 0];
  for (const value of [...new Set([...counts[0].keys(), ...counts[1].keys()])].sort(
    (a, b) => a - b,
  )) {
    const wrong = counts[0].get(value) ?? 0;
    area += (counts[1].get(value) ?? 0) * (below + wrong / 2);
    below += wrong;
  }
  return area / sample / sample;
}

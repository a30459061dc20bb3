/**
 * The paired cluster bootstrap (Efron, 1979; clusters: Davison and Hinkley, 1997, section 3.8):
 * the clusters of a set are drawn with replacement, and every metric of every router is computed on
 * the same draws.
 */
import type { LoadedMetric } from '../metrics/measure.js';
import { RowTotals } from '../metrics/row-totals.js';
import { SortedRows } from '../metrics/sorted-rows.js';
import type { MetricSettings, RowCosts } from '../metrics/types.js';
import { Draw, resampleRandom } from './draw.js';
import { ResampledMetrics } from './resampled-metrics.js';
import type { SharedRows } from './shared-rows.js';

/**
 * A router on a set: its confidences, one list per training seed, in the order of the shared rows;
 * NaN = none.
 */
export interface RouterColumn {
  readonly confidences: readonly Float64Array[];
  readonly calibrated: boolean;
  /**
   * The costs of all rows. Leave it out where any is unknown: cost metrics are then null. Routers
   * with the same costs share one object, so that its sums are computed once.
   */
  readonly cost?: RowCosts;
}

/** Which resamples to draw. */
export interface Resamples {
  /**
   * Names the stream of draws. Use the same seed for everything that is to be paired, and another
   * one for each set.
   */
  readonly seed: string;
  readonly from: number;
  readonly to: number;
}

/**
 * A set and its routers, prepared for resampling: their rows are sorted once, for any number of
 * resamples.
 */
export class Bootstrap {
  readonly #routers: readonly {
    readonly seeds: readonly SortedRows[];
    readonly calibrated: boolean;
  }[];
  readonly #resampled: ResampledMetrics;
  readonly #draw: Draw;

  constructor(
    private readonly metrics: readonly LoadedMetric[],
    private readonly shared: SharedRows,
    routers: readonly RouterColumn[],
    settings: MetricSettings,
  ) {
    const { n, weak, strong, label } = shared;
    const known = new Map<RowCosts | undefined, RowTotals>();
    const getTotals = (cost: RowCosts | undefined): RowTotals => {
      const rowTotals =
        known.get(cost) ??
        new RowTotals({ n, weak, strong, label, ...(cost === undefined ? {} : { cost }) });
      known.set(cost, rowTotals);
      return rowTotals;
    };
    this.#routers = routers.map(({ confidences, calibrated, cost }) => ({
      seeds:
        n === 0 ? [] : confidences.map((confidence) => new SortedRows(getTotals(cost), confidence)),
      calibrated,
    }));
    this.#resampled = new ResampledMetrics(metrics, settings, n);
    this.#draw = new Draw(shared);
  }

  /**
   * Computes every metric of every router. Returns one Float32Array[(to − from) · metrics] per
   * router, resample by resample, metrics in their order, NaN = null. A router with several
   * training seeds has the mean over its seeds in each resample.
   */
  resample({ seed, from, to }: Resamples): readonly Float32Array[] {
    const width = this.metrics.length;
    const values = this.#routers.map(() => new Float32Array((to - from) * width));
    if (this.shared.n === 0) return values.map((output) => output.fill(NaN));
    const measured = new Float64Array(width);
    const mean = new Float64Array(width);
    for (let b = from; b < to; b++) {
      this.#draw.resample(resampleRandom(seed, b));
      this.#routers.forEach(({ seeds, calibrated }, router) => {
        mean.fill(0);
        for (const rows of seeds) {
          this.#resampled.measure(rows, this.#draw, calibrated, measured);
          for (let i = 0; i < width; i++)
            mean[i] = (mean[i] as number) + (measured[i] as number) / seeds.length;
        }
        (values[router] as Float32Array).set(mean, (b - from) * width);
      });
    }
    return values;
  }
}

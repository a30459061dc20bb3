/**
 * The paired cluster bootstrap (Efron, 1979; clusters: Davison and Hinkley, 1997, section 3.8):
 * clusters of a set are drawn with replacement, and every metric of
 * every router is computed on the same draws.
 */
import type { LoadedMetric } from '../metrics/measure.js';
import { RowTotals } from '../metrics/row-totals.js';
import { SortedRows } from '../metrics/sorted-rows.js';
import type { MetricSettings, RowCosts } from '../metrics/types.js';
import { Draw, resampleRandom } from './draw.js';
import { ResampledMetrics } from './resampled-metrics.js';
import type { SharedRows } from './shared-rows.js';

/**
 * A router on a set: its confidences, one list a training seed, in the order of the shared rows;
 * NaN = none.
 */
export interface RouterColumn {
  readonly confidences: readonly Float64Array[];
  readonly calibrated: boolean;
  /**
   * All known; left out = the metrics of cost are null. Routers that pay alike share one object:
   * its sums are then made once.
   */
  readonly cost?: RowCosts;
}

/** Which resamples to draw. */
export interface Resamples {
  /**
   * Names the stream of draws: the same for everything that is to be paired, another one for each
   * set.
   */
  readonly seed: string;
  readonly from: number;
  readonly to: number;
}

/**
 * A set and its routers made ready: their rows are sorted once, whatever number of resamples is
 * drawn after that.
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
    const totals = (cost: RowCosts | undefined): RowTotals => {
      const made =
        known.get(cost) ??
        new RowTotals({ n, weak, strong, label, ...(cost === undefined ? {} : { cost }) });
      known.set(cost, made);
      return made;
    };
    this.#routers = routers.map(({ confidences, calibrated, cost }) => ({
      seeds:
        n === 0 ? [] : confidences.map((confidence) => new SortedRows(totals(cost), confidence)),
      calibrated,
    }));
    this.#resampled = new ResampledMetrics(metrics, settings, n);
    this.#draw = new Draw(shared);
  }

  /**
   * Values of every metric of every router: one Float32Array[(to − from) · metrics] a router,
   * resample by resample, metrics in their order, NaN = null.
   * A router with several training seeds has the mean over its seeds in each resample.
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

/**
 * The paired cluster bootstrap (Efron, 1979; clusters: Davison and Hinkley, 1997, section 3.8):
 * clusters of a set are drawn with replacement, and every metric of
 * every router is computed on the same draws.
 */
import type { MetricSettings, RowCosts } from '../metrics/types.js';
import { Draw, resampleRandom } from './draw.js';
import { PricedRows } from './priced-rows.js';
import { sortRows, type SortedRows } from './sorted-rows.js';
import { METRIC_NAMES, WeightedMetrics } from './weighted-metrics.js';
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
  readonly #sorted: readonly (readonly SortedRows[])[];
  readonly #priced: readonly PricedRows[];
  readonly #metrics: WeightedMetrics;
  readonly #draw: Draw;

  constructor(
    private readonly shared: SharedRows,
    routers: readonly RouterColumn[],
    settings: MetricSettings,
  ) {
    const costs = new Map<RowCosts, PricedRows>();
    const priced = (cost: RowCosts | undefined): PricedRows | null => {
      if (cost === undefined) return null;
      const pricedRows = costs.get(cost) ?? new PricedRows(shared, cost);
      costs.set(cost, pricedRows);
      return pricedRows;
    };
    this.#sorted = routers.map(({ confidences, calibrated, cost }) =>
      shared.n === 0
        ? []
        : confidences.map((confidence) => sortRows(shared, confidence, calibrated, priced(cost))),
    );
    this.#priced = [...costs.values()];
    this.#metrics = new WeightedMetrics(settings, shared.n);
    this.#draw = new Draw(shared);
  }

  /**
   * Values of every metric of every router: one Float32Array[(to − from) · metrics] a router,
   * resample by resample, metrics in the order of METRIC_NAMES, NaN = null.
   * A router with several training seeds has the mean over its seeds in each resample.
   */
  resample({ seed, from, to }: Resamples): readonly Float32Array[] {
    const width = METRIC_NAMES.length;
    const values = this.#sorted.map(() => new Float32Array((to - from) * width));
    if (this.shared.n === 0) return values.map((output) => output.fill(NaN));
    const metrics = new Float64Array(width);
    const mean = new Float64Array(width);
    for (let b = from; b < to; b++) {
      this.#draw.resample(resampleRandom(seed, b));
      for (const output of this.#priced) output.take(this.#draw);
      this.#sorted.forEach((seeds, router) => {
        mean.fill(0);
        for (const rows of seeds) {
          this.#metrics.measure(rows, this.#draw, metrics, 0);
          for (let i = 0; i < width; i++)
            mean[i] = (mean[i] as number) + (metrics[i] as number) / seeds.length;
        }
        (values[router] as Float32Array).set(mean, (b - from) * width);
      });
    }
    return values;
  }
}

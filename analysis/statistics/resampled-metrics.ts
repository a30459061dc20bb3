/** Computes every metric of one resample, by a walk over the curve where the metric has one. */
import { getErrorMessage } from '../../core/errors.js';
import { mapCosts } from '../metrics/costs.js';
import { Curve } from '../metrics/curve.js';
import { brokenMetric, type LoadedMetric } from '../metrics/measure.js';
import type { SortedRows } from '../metrics/sorted-rows.js';
import type { Metric, MetricSettings, ScoredRows } from '../metrics/types.js';
import type { Weights } from '../metrics/weights.js';

/** A metric with its position among the values and its needs. */
interface Step {
  readonly position: number;
  readonly name: string;
  readonly costs: boolean;
  readonly probabilities: boolean;
  readonly walk: NonNullable<Metric['resample']> | null;
  readonly measure: Metric['measure'];
}

/** Measures resamples of one set one after the other; NaN stands for null. */
export class ResampledMetrics {
  readonly #steps: readonly Step[];
  readonly #curve: Curve;
  readonly #plain: MetricSettings;
  readonly #calibrated: MetricSettings;

  constructor(metrics: readonly LoadedMetric[], settings: MetricSettings, mostRows: number) {
    // bound once: looking methods up in classes of thirty metrics takes time in each resample
    this.#steps = metrics.map(({ definition: { name, needs }, metric }, position) => ({
      position,
      name,
      costs: needs === 'costs',
      probabilities: needs === 'probabilities',
      walk: metric.resample?.bind(metric) ?? null,
      measure: metric.measure.bind(metric),
    }));
    this.#curve = new Curve(mostRows);
    this.#plain = { ...settings, calibrated: false };
    this.#calibrated = { ...settings, calibrated: true };
  }

  /** Writes the values into `out`, in the order of the metrics. */
  measure(rows: SortedRows, weights: Weights, calibrated: boolean, out: Float64Array): void {
    out.fill(NaN);
    if (weights.rows === 0) return;
    const settings = calibrated ? this.#calibrated : this.#plain;
    const priced = rows.totals.rows.cost !== undefined;
    const curve = this.#curve;
    curve.load(rows, weights);
    let repeated: ScoredRows | undefined;
    for (const { position, name, costs, probabilities, walk, measure } of this.#steps) {
      if ((costs && !priced) || (probabilities && !calibrated)) continue;
      try {
        if (walk !== null) out[position] = walk(curve, settings);
        else {
          repeated ??= repeatRows(rows, weights);
          out[position] = measure(repeated, settings).value ?? NaN;
        }
      } catch (cause) {
        throw brokenMetric(name, getErrorMessage(cause), cause);
      }
    }
  }
}

/** Repeats rows as often as they were drawn, for metrics that support no weights. */
function repeatRows({ totals, confidence }: SortedRows, weights: Weights): ScoredRows {
  const { n, weak, strong, label, cost } = totals.rows;
  const from = new Uint32Array(weights.rows);
  let drawn = 0;
  for (let row = 0; row < n; row++)
    for (let times = weights.multiplicity[row] as number; times > 0; times--) from[drawn++] = row;
  const take = (values: Float64Array): Float64Array =>
    Float64Array.from(from, (row) => values[row] as number);
  return {
    n: weights.rows,
    weak: take(weak),
    strong: take(strong),
    label: Uint8Array.from(from, (row) => label[row] as number),
    confidence: take(confidence),
    ...(cost === undefined ? {} : { cost: mapCosts(cost, take) }),
  };
}

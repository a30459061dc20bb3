import { buildCurve } from './curve.js';
import {
  none,
  type Metric,
  type MetricCurve,
  type MetricSettings,
  type MetricValue,
  type ScoredRows,
} from './types.js';

/**
 * A metric that is computed from the curve alone. You write the formula once, in `resample`; rows
 * are measured as a resample that contains each of them once.
 */
export abstract class CurveMetric implements Metric {
  /** The value; NaN where there is none. */
  abstract resample(curve: MetricCurve, settings: MetricSettings): number;

  /** Why a curve has no value; for a metric that may be null. */
  reason(_curve: MetricCurve, _settings: MetricSettings): string {
    return 'it is not defined for these rows';
  }

  measure(rows: ScoredRows, settings: MetricSettings): MetricValue {
    const curve = buildCurve(rows);
    const value = this.resample(curve, settings);
    return Number.isNaN(value) ? none(this.reason(curve, settings)) : { value };
  }
}

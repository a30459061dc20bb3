import type { MetricCurve, MetricSettings } from '../../../core/index.js';
import { CurveMetric, hasGap, NO_GAP } from '../../../analysis/index.js';

/** A metric of the gap between the models: null where the strong one does not score above. */
export abstract class GapMetric extends CurveMetric {
  /** The value where there is a gap; NaN where there is none for another reason. */
  protected abstract ofGap(curve: MetricCurve, settings: MetricSettings): number;

  /** That other reason. */
  protected otherReason(): string {
    return 'it is not defined for these rows';
  }

  override resample(curve: MetricCurve, settings: MetricSettings): number {
    return hasGap(curve) ? this.ofGap(curve, settings) : NaN;
  }

  override reason(curve: MetricCurve): string {
    return hasGap(curve) ? this.otherReason() : NO_GAP;
  }
}

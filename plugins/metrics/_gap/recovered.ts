import type { MetricCurve } from '../../../core/index.js';
import { GapMetric } from './gap-metric.js';

/** Share of the gap that is recovered at one call rate, on the exact curve. */
export abstract class RecoveredAt extends GapMetric {
  protected abstract readonly callRate: number;

  protected override ofGap(curve: MetricCurve): number {
    const { gained, rows, weakMean, strongMean } = curve;
    return curve.between(gained, this.callRate * rows) / ((strongMean - weakMean) * rows);
  }
}

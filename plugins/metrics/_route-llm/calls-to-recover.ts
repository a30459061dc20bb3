import type { MetricCurve } from '../../../core/index.js';
import { GapMetric } from '../_gap/gap-metric.js';
import { routeLlmPoints } from './points.js';

/**
 * Call percentage at which the points first reach weak + share · (strong − weak), linear between
 * points.
 */
export abstract class CallsToRecover extends GapMetric {
  /** Of the gap. */
  protected abstract readonly share: number;

  protected override ofGap(curve: MetricCurve): number {
    const { weakMean, strongMean } = curve;
    const { callRate, score } = routeLlmPoints(curve);
    const level = weakMean + this.share * (strongMean - weakMean);
    let i = 0;
    while (i < 10 && (score[i] as number) < level) i++;
    const before = Math.max(0, i - 1);
    const low = score[before] as number;
    const high = score[i] as number;
    if (high < level) return 100;
    const from = callRate[before] as number;
    const to = callRate[i] as number;
    return 100 * (high === low ? to : from + ((level - low) / (high - low)) * (to - from));
  }
}

import { metric, type MetricCurve, type MetricSettings } from '../../core/index.js';
import { GapMetric } from './_gap/gap-metric.js';
import { meanOver } from './_exact/area.js';

/**
 * Mean of A from the end of the low band to r1, the call rate at which a random router recovers r1
 * of the gap.
 */
@metric({
  name: 'mpm-exact',
  summary: 'Mean score from the low band to call rate r1, on the exact curve',
  better: 'higher',
  range: [0, 1],
  needs: 'confidence',
  order: 60,
  formula: 'mean of A over the call rates from the end of the low band to r1',
})
export class MpmExact extends GapMetric {
  protected override ofGap(
    curve: MetricCurve,
    { lowBand: [, end], recoveryBand: [r1] }: MetricSettings,
  ): number {
    return end < r1 ? meanOver(curve, end, r1) : NaN;
  }

  protected override otherReason(): string {
    return 'the low band ends above the start of the recovery band';
  }
}

import { metric, type MetricCurve, type MetricSettings } from '../../core/index.js';
import { GapMetric } from './_gap/gap-metric.js';

/**
 * One minus the mean, over recoveries r, of the smallest call rate at which the running maximum of
 * A reaches r.
 */
@metric({
  name: 'hcr-exact',
  summary: 'One minus the smallest call rate that recovers most of the gap, on the exact curve',
  better: 'higher',
  range: [0, 1],
  needs: 'confidence',
  order: 70,
  formula:
    '1 − mean over r in [r1, r2] of the smallest call rate at which max A reaches W + r (S − W)',
})
export class HcrExact extends GapMetric {
  protected override ofGap(
    { count, gained, groups, rows, weakMean, strongMean }: MetricCurve,
    { recoveryBand: [r1, r2] }: MetricSettings,
  ): number {
    const gap = (strongMean - weakMean) * rows;
    const bottom = r1 * gap;
    const top = r2 * gap;
    let g = 0;
    while (g < groups && (gained[g + 1] as number) <= bottom) g++;
    let reached = bottom;
    let area = 0; // of the calls over the levels between bottom and top
    for (; g < groups && reached < top; g++) {
      const a = gained[g] as number;
      const b = gained[g + 1] as number;
      if (b <= reached) continue;
      const start = count[g] as number;
      const slope = ((count[g + 1] as number) - start) / (b - a);
      const to = Math.min(b, top);
      area += (start + slope * ((reached + to) / 2 - a)) * (to - reached);
      reached = b;
    }
    if (reached < top) area += rows * (top - reached); // rounding at the last call
    return 1 - area / rows / (top - bottom);
  }
}

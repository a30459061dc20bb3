import { metric, type MetricCurve, type MetricSettings } from '../../core/index.js';
import { CALL_RATES } from '../../analysis/index.js';
import { GapMetric } from './_gap/gap-metric.js';
import { gridScores } from './_grid/scores.js';

/** High-band Call Rate. */
@metric({
  name: 'hcr',
  summary: 'One minus the call rate that recovers most of the gap, on the paper\u2019s grid',
  better: 'higher',
  range: [0, 1],
  needs: 'confidence',
  order: 40,
  formula: '1 − mean call rate of the grid points with W + r1 (S − W) ≤ A ≤ W + r2 (S − W)',
  source: 'RouterXBench, arXiv 2602.11877',
})
export class Hcr extends GapMetric {
  protected override ofGap(curve: MetricCurve, { recoveryBand: [r1, r2] }: MetricSettings): number {
    const { weakMean, strongMean } = curve;
    const scores = gridScores(curve);
    const low = weakMean + (strongMean - weakMean) * r1;
    const high = weakMean + (strongMean - weakMean) * r2;
    let sum = 0;
    let points = 0;
    for (let i = 0; i < scores.length; i++) {
      const score = scores[i] as number;
      if (score < low || score > high) continue;
      sum += CALL_RATES[i] as number;
      points++;
    }
    return 1 - sum / points; // no point there: 0 / 0
  }

  protected override otherReason(): string {
    return 'no grid point lies in the recovery band';
  }
}

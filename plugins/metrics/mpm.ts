import { metric, type MetricCurve, type MetricSettings } from '../../core/index.js';
import { CALL_RATES } from '../../analysis/index.js';
import { GapMetric } from './_gap/gap-metric.js';
import { gridScores } from './_grid/scores.js';

/** Middle-band Performance Mean. */
@metric({
  name: 'mpm',
  summary: 'Mean score between the low band and the recovery band, on the paper\u2019s grid',
  better: 'higher',
  range: [0, 1],
  needs: 'confidence',
  order: 30,
  formula: 'mean of A over the grid points with A(end of the low band) < A < W + r1 (S − W)',
  source: 'RouterXBench, arXiv 2602.11877',
})
export class Mpm extends GapMetric {
  protected override ofGap(
    curve: MetricCurve,
    { lowBand: [, end], recoveryBand: [r1] }: MetricSettings,
  ): number {
    const { weakMean, strongMean } = curve;
    const scores = gridScores(curve);
    const floor = scores[CALL_RATES.findLastIndex((rate) => rate <= end)] as number;
    const ceiling = weakMean + (strongMean - weakMean) * r1;
    let sum = 0;
    let points = 0;
    for (let i = 0; i < scores.length; i++) {
      const score = scores[i] as number;
      if (score <= floor || score >= ceiling) continue;
      sum += score;
      points++;
    }
    return sum / points; // no point there: 0 / 0
  }

  protected override otherReason(): string {
    return 'no grid point lies between the low band and the recovery band';
  }
}

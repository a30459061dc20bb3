import { metric, type MetricCurve, type MetricSettings } from '../../core/index.js';
import { CALL_RATES, CurveMetric } from '../../analysis/index.js';
import { gridScores } from './_grid/scores.js';

/** Low-band Performance Mean. */
@metric({
  name: 'lpm',
  summary: 'Mean score at low call rates, on the paper\u2019s grid',
  better: 'higher',
  range: [0, 1],
  needs: 'confidence',
  order: 20,
  formula: 'mean of A over the grid points in the low band',
  source: 'RouterXBench, arXiv 2602.11877',
})
export class Lpm extends CurveMetric {
  override resample(curve: MetricCurve, { lowBand: [low, high] }: MetricSettings): number {
    const scores = gridScores(curve);
    let sum = 0;
    let points = 0;
    for (let i = 0; i < scores.length; i++) {
      const rate = CALL_RATES[i] as number;
      if (rate < low || rate > high) continue;
      sum += scores[i] as number;
      points++;
    }
    return sum / points; // no point in the band: 0 / 0
  }

  override reason(): string {
    return 'no grid point lies in the low band';
  }
}

import { metric, type MetricCurve, type MetricSettings } from '../../core/index.js';
import { CurveMetric } from '../../analysis/index.js';
import { meanOver } from './_exact/area.js';

/** Mean of A over the low band of call rates: a better ordering never gets a worse value. */
@metric({
  name: 'lpm-exact',
  summary: 'Mean score at low call rates, on the exact curve',
  better: 'higher',
  range: [0, 1],
  needs: 'confidence',
  order: 50,
  formula: 'mean of A over the low band',
})
export class LpmExact extends CurveMetric {
  override resample(curve: MetricCurve, { lowBand: [low, high] }: MetricSettings): number {
    return meanOver(curve, low, high);
  }
}

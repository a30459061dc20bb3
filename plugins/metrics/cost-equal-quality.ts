import { metric, type MetricCurve } from '../../core/index.js';
import { CurveMetric } from '../../analysis/index.js';
import { costAtEqualQuality } from './_cost/equal-quality.js';

/** The least cost at which A is at least the strong model’s mean score. */
@metric({
  name: 'cost-equal-quality',
  summary: 'US dollars per 1,000 queries at which the router is as good as the strong model alone',
  better: 'lower',
  range: [0, Infinity],
  needs: 'costs',
  order: 250,
  noInterval:
    'it is decided by the few queries at which the scores cross, so resamples do not show its error',
})
export class CostEqualQuality extends CurveMetric {
  override resample(curve: MetricCurve): number {
    return (1000 * costAtEqualQuality(curve)) / curve.rows;
  }
}

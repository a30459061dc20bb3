import { metric, type MetricCurve } from '../../core/index.js';
import { CurveMetric, strongCost } from '../../analysis/index.js';
import { costAtEqualQuality } from './_cost/equal-quality.js';

/** What equal quality saves of the strong model’s cost. */
@metric({
  name: 'cost-saved',
  summary: 'Share of the strong model\u2019s cost saved at equal quality, in %',
  better: 'higher',
  range: [-Infinity, 100],
  needs: 'costs',
  order: 260,
  noInterval:
    'it is decided by the few queries at which the scores cross, so resamples do not show its error',
  formula: '1 − cost at equal quality / cost of the strong model',
})
export class CostSaved extends CurveMetric {
  override resample(curve: MetricCurve): number {
    const strong = curve.total(strongCost);
    return strong > 0 ? 100 * (1 - costAtEqualQuality(curve) / strong) : NaN;
  }

  override reason(): string {
    return 'the strong model costs nothing';
  }
}

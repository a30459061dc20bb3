import { metric, type MetricCurve } from '../../core/index.js';
import { auroc, CurveMetric, oneClass } from '../../analysis/index.js';

/** How well the confidence tells the queries apart that the weak model gets right. */
@metric({
  name: 'auroc',
  summary: 'Area under the ROC curve of confidence against label',
  better: 'higher',
  range: [0, 1],
  needs: 'confidence',
  order: 10,
  random: 0.5,
  formula: 'P(f of a row with y = 1 > f of a row with y = 0), ties count half',
  source: 'Mann and Whitney, 1947',
})
export class Auroc extends CurveMetric {
  override resample(curve: MetricCurve): number {
    return auroc(curve);
  }

  override reason(curve: MetricCurve): string {
    return oneClass(curve);
  }
}

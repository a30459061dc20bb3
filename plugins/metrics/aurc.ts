import { metric, type MetricCurve } from '../../core/index.js';
import { CurveMetric } from '../../analysis/index.js';
import { sumOfRisks } from './_selective/risk.js';

/** Mean risk over the coverages 1/n … n/n. */
@metric({
  name: 'aurc',
  summary: 'Area under the risk-coverage curve of the weak model',
  better: 'lower',
  range: [0, 1],
  needs: 'confidence',
  order: 180,
  formula: 'mean over k = 1 … n of the share of y = 0 among the k most confident rows',
  source: 'Geifman and El-Yaniv, 2017',
})
export class Aurc extends CurveMetric {
  override resample(curve: MetricCurve): number {
    return sumOfRisks(curve) / curve.rows;
  }
}

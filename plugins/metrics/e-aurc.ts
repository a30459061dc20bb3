import { metric, type MetricCurve } from '../../core/index.js';
import { CurveMetric } from '../../analysis/index.js';
import { leastSumOfRisks, sumOfRisks } from './_selective/risk.js';

/** Excess area under the risk-coverage curve. */
@metric({
  name: 'e-aurc',
  summary: 'The same above what the best order of the labels has',
  better: 'lower',
  range: [0, 1],
  needs: 'confidence',
  order: 190,
  formula: 'aurc − aurc of the best order of the labels',
  source: 'Geifman et al., 2019, with the exact optimum instead of its approximation',
})
export class EAurc extends CurveMetric {
  override resample(curve: MetricCurve): number {
    return (sumOfRisks(curve) - leastSumOfRisks(curve)) / curve.rows;
  }
}

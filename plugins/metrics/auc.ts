import { metric, type MetricCurve } from '../../core/index.js';
import { CurveMetric } from '../../analysis/index.js';
import { routeLlmPoints } from './_route-llm/points.js';

/** Area under RouteLLM’s points. */
@metric({
  name: 'auc',
  version: 2,
  summary: 'Area under score against call rate, on RouteLLM\u2019s points',
  better: 'higher',
  range: [0, 1],
  needs: 'confidence',
  order: 80,
  source: 'RouteLLM, Ong et al., 2024',
})
export class Auc extends CurveMetric {
  override resample(curve: MetricCurve): number {
    return routeLlmPoints(curve).area;
  }
}

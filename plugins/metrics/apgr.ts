import { metric, type MetricCurve } from '../../core/index.js';
import { GapMetric } from './_gap/gap-metric.js';
import { routeLlmPoints } from './_route-llm/points.js';

/** Average performance gap recovered. */
@metric({
  name: 'apgr',
  version: 2,
  summary: 'Average performance gap recovered, on RouteLLM\u2019s points',
  better: 'higher',
  range: [-Infinity, Infinity],
  needs: 'confidence',
  order: 90,
  random: 0.5,
  formula: '(area − W) / (S − W)',
  source: 'RouteLLM, Ong et al., 2024',
})
export class Apgr extends GapMetric {
  protected override ofGap(curve: MetricCurve): number {
    const { weakMean, strongMean } = curve;
    return (routeLlmPoints(curve).area - weakMean) / (strongMean - weakMean);
  }
}

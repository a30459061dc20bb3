import { metric, type MetricCurve } from '../../core/index.js';
import { GapMetric } from './_gap/gap-metric.js';

/** Average performance gap recovered, without RouteLLM’s eleven points. */
@metric({
  name: 'apgr-exact',
  summary: 'Average performance gap recovered, on the exact curve',
  better: 'higher',
  range: [-Infinity, Infinity],
  needs: 'confidence',
  order: 100,
  random: 0.5,
  formula: '(mean of A − W) / (S − W)',
})
export class ApgrExact extends GapMetric {
  protected override ofGap(curve: MetricCurve): number {
    const { area, groups, rows, weakMean, strongMean } = curve;
    return (area[groups] as number) / (rows * rows) / (strongMean - weakMean);
  }
}

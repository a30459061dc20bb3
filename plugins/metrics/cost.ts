import { metric, type Decisions, type MetricValue } from '../../core/index.js';
import { DecisionMetric } from './_cost/decision-metric.js';

/** What the decisions cost. */
@metric({
  name: 'cost',
  summary: 'US dollars per 1,000 queries at a call rate of 50 %',
  better: 'lower',
  range: [0, Infinity],
  needs: 'costs',
  order: 240,
})
export class Cost extends DecisionMetric {
  override decided({ cost }: Decisions): MetricValue {
    return { value: 1000 * cost };
  }
}

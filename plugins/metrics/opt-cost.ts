import { metric, type Decisions, type MetricValue } from '../../core/index.js';
import { none } from '../../analysis/index.js';
import { DecisionMetric } from './_cost/decision-metric.js';

/** What the right answers cost beside the least that they could have cost. */
@metric({
  name: 'opt-cost',
  version: 2,
  summary: 'Least cost of the right answers divided by their cost, at a call rate of 50 %',
  better: 'higher',
  range: [0, 1],
  needs: 'costs',
  order: 304,
  formula:
    'over queries with full marks: sum of the cost of the cheapest model that has them / sum of the cost',
  source: 'RouterArena (RouteWorks), the definition of its evaluation code',
})
export class OptCost extends DecisionMetric {
  override decided({ right: [share, , cost, least] }: Decisions): MetricValue {
    if (share === 0) return none('no answer has full marks');
    return cost > 0 ? { value: least / cost } : none('the right answers cost nothing');
  }
}

import { metric, type Decisions, type MetricValue } from '../../core/index.js';
import { none } from '../../analysis/index.js';
import { DecisionMetric } from './_cost/decision-metric.js';

/** How many of the right answers could not have been cheaper. */
@metric({
  name: 'opt-sel',
  version: 2,
  summary:
    'Share of the right answers that come from the cheapest right model, at a call rate of 50 %',
  better: 'higher',
  range: [0, 1],
  needs: 'costs',
  order: 302,
  formula:
    'queries with full marks from the cheapest model that has them / queries with full marks',
  source: 'RouterArena (RouteWorks), the definition of its evaluation code',
})
export class OptSel extends DecisionMetric {
  override decided({ right: [share, cheapest] }: Decisions): MetricValue {
    return share > 0 ? { value: cheapest / share } : none('no answer has full marks');
  }
}

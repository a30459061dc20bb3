import { metric, type Decisions, type MetricValue } from '../../core/index.js';
import { none } from '../../analysis/index.js';
import { DecisionMetric } from './_cost/decision-metric.js';

/** The oracle sends every query to its cheapest best-scoring model. */
@metric({
  name: 'oracle-cost-ratio',
  summary: 'Cost of the oracle divided by cost of the router, at a call rate of 50 %',
  better: 'higher',
  range: [0, Infinity],
  needs: 'costs',
  order: 290,
})
export class OracleCostRatio extends DecisionMetric {
  override decided({ cost, best }: Decisions): MetricValue {
    return cost > 0 ? { value: best.cost / cost } : none('the decisions cost nothing');
  }
}

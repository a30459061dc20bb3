import { metric, type Decisions, type MetricValue } from '../../core/index.js';
import { none } from '../../analysis/index.js';
import { DecisionMetric } from './_cost/decision-metric.js';

/** How much of the oracle’s accuracy the decisions reach. */
@metric({
  name: 'oracle-accuracy',
  summary: 'Mean score of the router divided by that of the oracle, at a call rate of 50 %',
  better: 'higher',
  range: [0, 1],
  needs: 'costs',
  order: 300,
})
export class OracleAccuracy extends DecisionMetric {
  override decided({ score, best }: Decisions): MetricValue {
    return best.score > 0 ? { value: score / best.score } : none('no model ever scores');
  }
}

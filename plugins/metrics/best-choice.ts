import { metric, type Decisions, type MetricValue } from '../../core/index.js';
import { DecisionMetric } from './_cost/decision-metric.js';

/** How many decisions are the best ones. */
@metric({
  name: 'best-choice',
  summary: 'Share of queries sent to the cheapest best-scoring model, at a call rate of 50 %',
  better: 'higher',
  range: [0, 1],
  needs: 'costs',
  order: 280,
})
export class BestChoice extends DecisionMetric {
  override decided({ optimal }: Decisions): MetricValue {
    return { value: optimal };
  }
}

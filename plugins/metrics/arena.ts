import { metric, type Decisions, type MetricValue } from '../../core/index.js';
import { DecisionMetric } from './_cost/decision-metric.js';
import { arenaScore } from './_cost/arena-score.js';

/** RouterArena’s score, 0 to 100. */
@metric({
  name: 'arena',
  summary: 'RouterArena\u2019s score of accuracy and cost, at a call rate of 50 %',
  better: 'higher',
  range: [0, 100],
  needs: 'costs',
  order: 270,
  formula:
    '(1 + β) A C / (β A + C), β = 0.1; C = 1 at $0.0044 per 1,000 queries, 0 at $200, log scale',
  source: 'RouterArena (RouteWorks), its published definition',
})
export class Arena extends DecisionMetric {
  override decided({ score, cost }: Decisions): MetricValue {
    return { value: arenaScore(score, 1000 * cost) };
  }
}

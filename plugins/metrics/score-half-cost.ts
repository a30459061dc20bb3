import { metric, type MetricCurve } from '../../core/index.js';
import { addedCost, CurveMetric, strongAloneCost, weakCost } from '../../analysis/index.js';

/** Share of what the strong model alone costs. */
const SHARE = 0.5;

/**
 * The most rows that a sum of money pays for, least confident first: a real number from 0 to all;
 * −1 where no number of calls is that cheap.
 */
function affordable(curve: MetricCurve): number {
  const { groups, count } = curve;
  const added = curve.sums(addedCost);
  const left = SHARE * curve.total(strongAloneCost) - curve.total(weakCost);
  for (let g = groups; g >= 0; g--) {
    const spent = added[g] as number;
    if (spent > left) continue;
    if (g === groups) return curve.rows;
    const calls = count[g] as number;
    const size = (count[g + 1] as number) - calls;
    return calls + (size * (left - spent)) / ((added[g + 1] as number) - spent);
  }
  return -1;
}

/** Quality at equal total cost: signals of the router and first answers of a cascade are paid. */
@metric({
  name: 'score-half-cost',
  summary:
    'Mean score where models and router together cost half as much as the strong model alone',
  better: 'higher',
  range: [0, 1],
  needs: 'costs',
  order: 245,
  formula:
    'A(k) at the largest k whose total cost, deciding included, is at most half of that of always-strong',
})
export class ScoreHalfCost extends CurveMetric {
  override resample(curve: MetricCurve): number {
    const calls = curve.once(affordable);
    return calls < 0 ? NaN : curve.scoreAt(calls);
  }

  override reason(): string {
    return 'no call rate costs as little as half of what the strong model alone costs';
  }
}

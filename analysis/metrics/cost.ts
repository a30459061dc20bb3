/**
 * What a router's decisions cost. Costs are US dollars a query; where one is not known, every
 * metric that needs it is null.
 */
import { AverageQuality } from './average-quality.js';
import type { Prepared } from './curve.js';
import type { RawRow } from './nulls.js';
import { none, type MetricValue, type RowCosts, type ScoredRows } from './types.js';

/** Costs of both models, both known for every row; else how many rows lack one. */
export function knownCosts({ n, cost }: Pick<ScoredRows, 'n' | 'cost'>): RowCosts | number {
  if (cost === undefined) return n;
  let unknown = 0;
  for (let i = 0; i < n; i++)
    if (Number.isNaN(cost.weak[i]) || Number.isNaN(cost.strong[i])) unknown++;
  return unknown === 0 ? cost : unknown;
}

/** What rows cost, in their order; null where a cost of one is not known. */
export function buildRowCosts(
  rows: readonly (Pick<RawRow, 'weakCost' | 'strongCost'> | undefined)[],
): RowCosts | null {
  const getColumn = (member: 'weakCost' | 'strongCost'): Float64Array =>
    Float64Array.from(rows, (row) => row?.[member] ?? NaN);
  const cost = knownCosts({
    n: rows.length,
    cost: { weak: getColumn('weakCost'), strong: getColumn('strongCost') },
  });
  return typeof cost === 'number' ? null : cost;
}

const withCosts =
  (compute: (prepared: Prepared, cost: RowCosts) => MetricValue) =>
  (prepared: Prepared): MetricValue => {
    const cost = knownCosts(prepared.rows);
    return typeof cost === 'number'
      ? none(`the cost of ${cost} of ${prepared.rows.n} rows is not known`)
      : compute(prepared, cost);
  };

/**
 * Mean of a quantity when k = 0 … n queries go to the strong model; in expectation inside groups of
 * equal confidence.
 */
function along(
  { order, groupEnds }: Prepared,
  kept: (row: number) => number,
  sent: (row: number) => number,
): Float64Array {
  const n = order.length;
  const curve = new Float64Array(n + 1);
  let start = 0;
  for (let row = 0; row < n; row++) start += kept(row);
  curve[0] = start / n;
  let changed = 0;
  let from = 0;
  for (const to of groupEnds) {
    let sum = 0;
    for (let position = from; position < to; position++)
      sum += sent(order[position] as number) - kept(order[position] as number);
    for (let k = from + 1; k <= to; k++)
      curve[k] = (start + changed + (sum * (k - from)) / (to - from)) / n;
    changed += sum;
    from = to;
  }
  return curve;
}

const costCurve = (prepared: Prepared, cost: RowCosts): Float64Array =>
  along(
    prepared,
    (row) => cost.weak[row] as number,
    (row) => cost.strong[row] as number,
  );

/** The value of a curve at a call rate, linear between whole calls. */
function interpolate(curve: Float64Array, callRate: number): number {
  const position = callRate * (curve.length - 1);
  const k = Math.min(Math.floor(position), curve.length - 2);
  return (curve[k] as number) + ((curve[k + 1] as number) - (curve[k] as number)) * (position - k);
}

/**
 * What decisions amount to: mean score, mean cost in dollars, share of queries at the cheapest
 * best-scoring model.
 */
export interface Decided {
  readonly score: number;
  readonly cost: number;
  readonly optimal: number;
}

/**
 * Whether a model is the cheapest of the best-scoring ones; both are where neither score nor cost
 * differ.
 */
export function optimalAt(
  { weak, strong }: Pick<ScoredRows, 'weak' | 'strong'>,
  cost: RowCosts,
): { readonly weak: (row: number) => number; readonly strong: (row: number) => number } {
  const gain = (row: number): number =>
    (weak[row] as number) - (strong[row] as number) ||
    (cost.strong[row] as number) - (cost.weak[row] as number);
  return { weak: (row) => (gain(row) >= 0 ? 1 : 0), strong: (row) => (gain(row) <= 0 ? 1 : 0) };
}

/** The best that can be had: every query at its cheapest best-scoring model. */
export function oracleDecided(rows: ScoredRows, cost: RowCosts): Decided {
  const { weak } = optimalAt(rows, cost);
  let [score, dollars] = [0, 0];
  for (let row = 0; row < rows.n; row++) {
    const keep = weak(row) === 1;
    score += ((keep ? rows.weak : rows.strong)[row] as number) / rows.n;
    dollars += ((keep ? cost.weak : cost.strong)[row] as number) / rows.n;
  }
  return { score, cost: dollars, optimal: 1 };
}

/** What sending every query to one model amounts to. */
export function singleDecided(rows: ScoredRows, cost: RowCosts, model: 'weak' | 'strong'): Decided {
  const optimal = optimalAt(rows, cost)[model];
  const mean = (value: (row: number) => number): number => {
    let sum = 0;
    for (let row = 0; row < rows.n; row++) sum += value(row);
    return sum / rows.n;
  };
  return {
    score: mean((row) => rows[model][row] as number),
    cost: mean((row) => cost[model][row] as number),
    optimal: mean(optimal),
  };
}

function decidedAt(prepared: Prepared, cost: RowCosts, callRate: number): Decided {
  const optimal = optimalAt(prepared.rows, cost);
  return {
    score: interpolate(prepared.curve, callRate),
    cost: interpolate(costCurve(prepared, cost), callRate),
    optimal: interpolate(along(prepared, optimal.weak, optimal.strong), callRate),
  };
}

const ARENA = { beta: 0.1, dearest: 200, cheapest: 0.0044 } as const;

/**
 * RouterArena's score, 0 to 100: (1+β)·A·C / (β·A + C), β = 0.1; A = accuracy, C = 1 at $0.0044 per
 * 1,000 queries and 0 at $200, on a log scale.
 * Source: RouterArena (RouteWorks), its published definition.
 */
export function arenaScore(accuracy: number, dollarsPer1000: number): number {
  const { beta, dearest, cheapest } = ARENA;
  const cost = Math.min(dearest, Math.max(cheapest, dollarsPer1000));
  const saved = (Math.log2(dearest) - Math.log2(cost)) / (Math.log2(dearest) - Math.log2(cheapest));
  const below = beta * accuracy + saved;
  return below === 0 ? 0 : (100 * (1 + beta) * accuracy * saved) / below;
}

/** The metrics of a set of decisions, by name. */
export function decisionMetrics(
  decided: Decided,
  best: Decided,
): Readonly<Record<string, MetricValue>> {
  return {
    cost: { value: 1000 * decided.cost },
    arena: { value: arenaScore(decided.score, 1000 * decided.cost) },
    'opt-sel': { value: decided.optimal },
    'opt-cost':
      decided.cost > 0 ? { value: best.cost / decided.cost } : none('the decisions cost nothing'),
    'opt-acc':
      best.score > 0 ? { value: decided.score / best.score } : none('no model ever scores'),
  };
}

/**
 * Decisions are judged where this share of the queries goes to the strong model: chosen without
 * looking at any grade.
 */
export const DECISION_CALL_RATE = 0.5;

const decision = (name: string): ((prepared: Prepared) => MetricValue) =>
  withCosts(
    (prepared, cost) =>
      decisionMetrics(
        decidedAt(prepared, cost, DECISION_CALL_RATE),
        oracleDecided(prepared.rows, cost),
      )[name] as MetricValue,
  );

/** $ per 1,000 queries at that call rate. */
export const costAtCallRate = decision('cost');
/** RouterArena's score at that call rate. */
export const arena = decision('arena');
/** Share of queries sent to the cheapest best-scoring model. */
export const optSel = decision('opt-sel');
/** The oracle's cost through the router's. */
export const optCost = decision('opt-cost');
/** The router's accuracy through the oracle's. */
export const optAcc = decision('opt-acc');

/**
 * Average quality over the range of costs between the two models: the area under the non-decreasing
 * convex hull of (cost, score),
 * divided by that range. Source: RouterBench (Hu et al., 2024), section on the AIQ metric.
 */
export const aiq = withCosts((prepared, cost) => {
  const costs = costCurve(prepared, cost);
  const value = new AverageQuality(costs.length).compute(costs, prepared.curve, costs.length);
  return Number.isNaN(value)
    ? none('both models cost the same, so there is no range of costs')
    : { value };
});

/** How much rounding may take from a score that is as good as the strong model's. */
export const EQUAL_QUALITY = 1e-12;

/**
 * The least mean cost at which a router's curve scores no less than the strong model alone does.
 */
function leastCostAtStrongQuality(prepared: Prepared, cost: RowCosts): number {
  const costs = costCurve(prepared, cost);
  let least = Infinity;
  for (let k = 0; k < costs.length; k++)
    if ((prepared.curve[k] as number) >= prepared.strongMean - EQUAL_QUALITY)
      least = Math.min(least, costs[k] as number);
  // always-strong has its own quality, whatever rounding says
  return Math.min(least, costs[costs.length - 1] as number);
}

/** $ per 1,000 queries at which the router is as good as the strong model alone. */
export const costAtEqualQuality = withCosts((prepared, cost) => ({
  value: 1000 * leastCostAtStrongQuality(prepared, cost),
}));

/** What that saves of the strong model's cost, in %. */
export const costSaved = withCosts((prepared, cost) => {
  const all = cost.strong.reduce((sum, one) => sum + one, 0) / prepared.rows.n;
  return all > 0
    ? { value: 100 * (1 - leastCostAtStrongQuality(prepared, cost) / all) }
    : none('the strong model costs nothing');
});

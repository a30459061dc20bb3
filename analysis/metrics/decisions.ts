/** Score and cost of decisions, where the cost of every row is known. */
import type { Decisions, GradedRows, MetricCurve, RowCosts, RowQuantity } from './types.js';

const getCosts = ({ cost }: GradedRows): RowCosts => {
  if (cost === undefined) throw new RangeError('these rows have no costs');
  return cost;
};

/** Cost of a query with the weak model alone. */
export const weakCost: RowQuantity = (rows) => getCosts(rows).weak;
/** Cost of a query when it is escalated. */
export const strongCost: RowQuantity = (rows) => getCosts(rows).strong;
/** Cost of a query that only the strong model answers, without a router. */
export const strongAloneCost: RowQuantity = (rows) => {
  const { strong, strongAlone = strong } = getCosts(rows);
  return strongAlone;
};
/** Cost that escalating a query adds. */
export const addedCost: RowQuantity = (rows) => {
  const { weak, strong } = getCosts(rows);
  return strong.map((dollars, row) => dollars - (weak[row] as number));
};

/**
 * Positive where the weak model is better, negative where the strong one is: by score, or by cost
 * where the scores are equal.
 */
function weakLead(rows: GradedRows, row: number): number {
  const cost = getCosts(rows);
  return (
    (rows.weak[row] as number) - (rows.strong[row] as number) ||
    (cost.strong[row] as number) - (cost.weak[row] as number)
  );
}

const perRow = (rows: GradedRows, value: (row: number) => number): Float64Array =>
  Float64Array.from({ length: rows.n }, (_, row) => value(row));

/** 1 where the weak model is the cheapest of the best-scoring models, else 0. */
const weakOptimal: RowQuantity = (rows) =>
  perRow(rows, (row) => (weakLead(rows, row) >= 0 ? 1 : 0));
/** The same for the strong model. Both are 1 where neither score nor cost differ. */
const strongOptimal: RowQuantity = (rows) =>
  perRow(rows, (row) => (weakLead(rows, row) <= 0 ? 1 : 0));
/** 1 where only the strong model is optimal, −1 where only the weak model is. */
const addedOptimal: RowQuantity = (rows) => perRow(rows, (row) => Math.sign(-weakLead(rows, row)));

/** Grades are rescaled to [0, 1]: rounding must not take full marks away. */
const FULL_MARKS = 1 - 1e-9;

/** Costs of the models that have full marks. */
const rightCosts = (rows: GradedRows, row: number): readonly number[] =>
  (['weak', 'strong'] as const).flatMap((model) =>
    (rows[model][row] as number) >= FULL_MARKS ? [getCosts(rows)[model][row] as number] : [],
  );

/**
 * A quantity of the queries that a model answers with full marks (0 for the others): of the weak
 * model, and what escalating adds. The other model's cost is Infinity where it has no full marks.
 */
const whereRight = (
  value: (own: number, other: number) => number,
): { readonly weak: RowQuantity; readonly added: RowQuantity } => {
  const quantity = (rows: GradedRows, model: 'weak' | 'strong'): Float64Array => {
    const other = model === 'weak' ? 'strong' : 'weak';
    const cost = getCosts(rows);
    const isRight = (name: 'weak' | 'strong', row: number): boolean =>
      (rows[name][row] as number) >= FULL_MARKS;
    return perRow(rows, (row) =>
      isRight(model, row)
        ? value(
            cost[model][row] as number,
            isRight(other, row) ? (cost[other][row] as number) : Infinity,
          )
        : 0,
    );
  };
  return {
    weak: (rows) => quantity(rows, 'weak'),
    added: (rows) => {
      const weak = quantity(rows, 'weak');
      return quantity(rows, 'strong').map((of, row) => of - (weak[row] as number));
    },
  };
};

/** In the order of the numbers in {@link Decisions.right}. */
const RIGHT = [
  whereRight(() => 1),
  whereRight((own, other) => (own <= other ? 1 : 0)),
  whereRight((own) => own),
  whereRight(Math.min),
] as const;

/** The four numbers of the answers with full marks, by what is summed over the decisions. */
const computeRight = (
  sum: (quantity: (typeof RIGHT)[number]) => number,
  rows: number,
): Decisions['right'] => {
  const [share, cheapest, cost, least] = RIGHT;
  return [sum(share) / rows, sum(cheapest) / rows, sum(cost) / rows, sum(least) / rows];
};

/** Score of each query with its cheapest best-scoring model. */
const bestScore: RowQuantity = (rows) =>
  perRow(rows, (row) => (weakLead(rows, row) >= 0 ? rows.weak : rows.strong)[row] as number);
/** Cost of each query with its cheapest best-scoring model. */
const bestCost: RowQuantity = (rows) => {
  const { weak, strong } = getCosts(rows);
  return perRow(rows, (row) => (weakLead(rows, row) >= 0 ? weak : strong)[row] as number);
};

/** 1 where a model has full marks, and the least cost of them there. */
const someRight: RowQuantity = (rows) => perRow(rows, (row) => rightCosts(rows, row).length && 1);
const leastRight: RowQuantity = (rows) =>
  perRow(rows, (row) => {
    const costs = rightCosts(rows, row);
    return costs.length === 0 ? 0 : Math.min(...costs);
  });

const best = (curve: MetricCurve): Decisions['best'] => ({
  score: curve.total(bestScore) / curve.rows,
  cost: curve.total(bestCost) / curve.rows,
});

/**
 * Score and cost when the least confident share of the queries is escalated, in expectation inside
 * groups of equal confidence.
 */
export function decideAt(curve: MetricCurve, callRate: number): Decisions {
  const { rows } = curve;
  const calls = callRate * rows;
  return {
    score: curve.scoreAt(calls),
    cost: (curve.total(weakCost) + curve.between(curve.sums(addedCost), calls)) / rows,
    optimal: (curve.total(weakOptimal) + curve.sumTo(addedOptimal, calls)) / rows,
    right: computeRight(({ weak, added }) => curve.total(weak) + curve.sumTo(added, calls), rows),
    best: best(curve),
  };
}

/** The best possible decisions: every query goes to its cheapest best-scoring model. */
export function decideBest(curve: MetricCurve): Decisions {
  const share = curve.total(someRight) / curve.rows;
  const least = curve.total(leastRight) / curve.rows;
  return { ...best(curve), optimal: 1, right: [share, share, least, least], best: best(curve) };
}

/** Every query goes to the same model. */
export const decideAlways = (curve: MetricCurve, model: 'weak' | 'strong'): Decisions => ({
  score: model === 'weak' ? curve.weakMean : curve.strongMean,
  cost: curve.total(model === 'weak' ? weakCost : strongCost) / curve.rows,
  optimal: curve.total(model === 'weak' ? weakOptimal : strongOptimal) / curve.rows,
  right: computeRight(
    ({ weak, added }) => curve.total(weak) + (model === 'weak' ? 0 : curve.total(added)),
    curve.rows,
  ),
  best: best(curve),
});

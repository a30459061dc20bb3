/** Costs in US dollars per query. Where any is unknown, metrics that need costs are null. */
import type { RawRow } from './nulls.js';
import type { RowCosts, ScoredRows } from './types.js';

/** Costs of both models if they are known for every row; else the number of rows that lack one. */
export function knownCosts({ n, cost }: Pick<ScoredRows, 'n' | 'cost'>): RowCosts | number {
  if (cost === undefined) return n;
  let unknown = 0;
  for (let i = 0; i < n; i++)
    if (Number.isNaN(cost.weak[i]) || Number.isNaN(cost.strong[i])) unknown++;
  return unknown === 0 ? cost : unknown;
}

/** Costs of rows, in their order; null where any cost is unknown. */
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

/** Costs in US dollars per query. Where any is unknown, metrics that need costs are null. */
import type { RowCosts, ScoredRows } from './types.js';

/** Costs of a row; null or left out = not known. */
export interface RawCosts {
  readonly weakCost?: number | null;
  /** Of an escalated query. */
  readonly strongCost?: number | null;
  /** Of the strong model alone, without what the router adds; left out = `strongCost`. */
  readonly strongAloneCost?: number | null;
}

/** Costs of both models if they are known for every row; else the number of rows that lack one. */
export function knownCosts({ n, cost }: Pick<ScoredRows, 'n' | 'cost'>): RowCosts | number {
  if (cost === undefined) return n;
  let unknown = 0;
  const { weak, strong, strongAlone = strong } = cost;
  for (let i = 0; i < n; i++)
    if ([weak, strong, strongAlone].some((column) => Number.isNaN(column[i]))) unknown++;
  return unknown === 0 ? cost : unknown;
}

/** Each column of costs, changed in the same way. */
export const mapCosts = (
  { weak, strong, strongAlone }: RowCosts,
  change: (column: Float64Array) => Float64Array,
): RowCosts => ({
  weak: change(weak),
  strong: change(strong),
  ...(strongAlone === undefined ? {} : { strongAlone: change(strongAlone) }),
});

/** Costs of rows, in their order, whether they are known or not; undefined where none is. */
export function readCostColumns(rows: readonly (RawCosts | undefined)[]): RowCosts | undefined {
  const has = (name: keyof RawCosts): boolean =>
    rows.some((row) => typeof row?.[name] === 'number');
  if (!has('weakCost') && !has('strongCost')) return undefined;
  const read = (name: keyof RawCosts): Float64Array =>
    Float64Array.from(rows, (row) => row?.[name] ?? NaN);
  return {
    weak: read('weakCost'),
    strong: read('strongCost'),
    ...(has('strongAloneCost') ? { strongAlone: read('strongAloneCost') } : {}),
  };
}

/** Costs of rows, in their order; null where any cost is unknown. */
export function buildRowCosts(rows: readonly (RawCosts | undefined)[]): RowCosts | null {
  const cost = readCostColumns(rows);
  if (cost === undefined) return null;
  const known = knownCosts({ n: rows.length, cost });
  return typeof known === 'number' ? null : known;
}

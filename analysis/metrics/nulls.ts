/** How rows without a grade or without a confidence are counted. */
import { mapCosts, readCostColumns, type RawCosts } from './costs.js';
import type { RowCosts, ScoredRows } from './types.js';

/** A joined row, with grades in the scale of the set. Costs are US dollars. */
export interface RawRow extends RawCosts {
  readonly weak: number | null;
  readonly strong: number | null;
  readonly confidence: number | null;
}

/** Joined rows as columns; NaN stands for null. */
export interface RawColumns {
  readonly weak: Float64Array;
  readonly strong: Float64Array;
  readonly confidence: Float64Array;
  readonly cost?: RowCosts;
}

/** How grades become labels and numbers in [0, 1]. Labels are made from grades before rescaling. */
export interface GradeRule {
  readonly scale: readonly [number, number];
  readonly getLabel: (weak: number, strong: number) => 0 | 1;
}

/** The rows counted in three ways, and the counts. */
export interface RowViews {
  /** Rows with both grades. */
  readonly headline: ScoredRows;
  /** All rows; a null grade is the bottom of the scale. */
  readonly fixedDenominator: ScoredRows;
  /** Rows with both grades and a confidence. */
  readonly withoutNulls: ScoredRows;
  readonly counts: {
    readonly total: number;
    readonly scored: number;
    readonly nullWeak: number;
    readonly nullStrong: number;
    readonly nullConfidence: number;
  };
}

/** The kept values of a column; there are `n`. */
function pick(column: Float64Array, n: number, keep: (i: number) => boolean): Float64Array {
  const kept = new Float64Array(n);
  let position = 0;
  column.forEach((value, i) => {
    if (keep(i)) kept[position++] = value;
  });
  return kept;
}

/** Splits columns into the views. Views of the same rows share memory. */
export function viewsFromColumns(
  { weak, strong, confidence, cost }: RawColumns,
  { scale: [min, max], getLabel }: GradeRule,
): RowViews {
  const total = weak.length;
  const counts = { total, scored: 0, nullWeak: 0, nullStrong: 0, nullConfidence: 0 };
  for (let i = 0; i < total; i++) {
    const [noWeak, noStrong] = [Number.isNaN(weak[i]), Number.isNaN(strong[i])];
    if (noWeak) counts.nullWeak++;
    if (noStrong) counts.nullStrong++;
    if (noWeak || noStrong) continue;
    counts.scored++;
    if (Number.isNaN(confidence[i])) counts.nullConfidence++;
  }
  const view = (n: number, keep: (i: number) => boolean): ScoredRows => {
    const rows = {
      n,
      weak: new Float64Array(n),
      strong: new Float64Array(n),
      label: new Uint8Array(n),
      confidence: new Float64Array(n),
      ...(cost === undefined ? {} : { cost: mapCosts(cost, (column) => pick(column, n, keep)) }),
    };
    const grade = (value: number): number => (Number.isNaN(value) ? min : value);
    for (let i = 0, position = 0; i < total; i++) {
      if (!keep(i)) continue;
      const [w, s] = [grade(weak[i] as number), grade(strong[i] as number)];
      rows.weak[position] = (w - min) / (max - min);
      rows.strong[position] = (s - min) / (max - min);
      rows.label[position] = getLabel(w, s);
      rows.confidence[position++] = confidence[i] as number;
    }
    return rows;
  };
  const scored = (i: number): boolean => !Number.isNaN(weak[i]) && !Number.isNaN(strong[i]);
  const headline = view(counts.scored, scored);
  return {
    headline,
    fixedDenominator: counts.scored === total ? headline : view(total, () => true),
    withoutNulls:
      counts.nullConfidence === 0
        ? headline
        : view(
            counts.scored - counts.nullConfidence,
            (i) => scored(i) && !Number.isNaN(confidence[i]),
          ),
    counts,
  };
}

function readColumn(rows: readonly RawRow[], name: keyof RawRow): Float64Array {
  const column = new Float64Array(rows.length);
  for (let i = 0; i < column.length; i++) column[i] = rows[i]?.[name] ?? NaN;
  return column;
}

/** Splits joined rows into the views. */
export function buildRowViews(rows: readonly RawRow[], rule: GradeRule): RowViews {
  const cost = readCostColumns(rows);
  return viewsFromColumns(
    {
      weak: readColumn(rows, 'weak'),
      strong: readColumn(rows, 'strong'),
      confidence: readColumn(rows, 'confidence'),
      ...(cost === undefined ? {} : { cost }),
    },
    rule,
  );
}

/** What becomes of rows without a grade or without a confidence. */
import type { ScoredRows } from './types.js';

/** A joined row, grades in the set's own scale. */
export interface RawRow {
  readonly weak: number | null;
  readonly strong: number | null;
  readonly confidence: number | null;
}

/** The three ways to count, and the counts. */
export interface RowViews {
  /** Rows with both grades. */
  readonly headline: ScoredRows;
  /** All rows; a null grade is the bottom of the scale. */
  readonly fixedDenominator: ScoredRows;
  /** Rows with both grades and a confidence. */
  readonly withoutNulls: ScoredRows;
  readonly counts: { readonly total: number; readonly scored: number; readonly nullWeak: number; readonly nullStrong: number; readonly nullConfidence: number };
}

/** Splits rows into the views. Grades are divided to [0, 1] by the scale; labels are made in the set's own scale. */
export function viewsOf(
  rows: readonly RawRow[],
  rule: { readonly scale: readonly [number, number]; readonly labelOf: (weak: number, strong: number) => 0 | 1 },
): RowViews {
  const [min, max] = rule.scale;
  const unit = (grade: number): number => (grade - min) / (max - min);
  const view = (chosen: readonly RawRow[]): ScoredRows => ({
    n: chosen.length,
    weak: Float64Array.from(chosen, ({ weak }) => unit(weak ?? min)),
    strong: Float64Array.from(chosen, ({ strong }) => unit(strong ?? min)),
    label: Uint8Array.from(chosen, ({ weak, strong }) => rule.labelOf(weak ?? min, strong ?? min)),
    confidence: Float64Array.from(chosen, ({ confidence }) => confidence ?? NaN),
  });
  const scored = rows.filter(({ weak, strong }) => weak !== null && strong !== null);
  return {
    headline: view(scored),
    fixedDenominator: view(rows),
    withoutNulls: view(scored.filter(({ confidence }) => confidence !== null)),
    counts: {
      total: rows.length,
      scored: scored.length,
      nullWeak: rows.filter(({ weak }) => weak === null).length,
      nullStrong: rows.filter(({ strong }) => strong === null).length,
      nullConfidence: scored.filter(({ confidence }) => confidence === null).length,
    },
  };
}

/** What stays the same over all resamples: the rows of a set, and for each router their order. */
import { sigmoid } from '../metrics/calibration.js';
import { prepare } from '../metrics/curve.js';
import type { ScoredRows } from '../metrics/types.js';
import type { PricedRows } from './priced-rows.js';
import type { SharedRows } from './shared-rows.js';

/** What escalating each row changes, at each position. */
export interface SortedCost {
  /** Strong minus weak cost. */
  readonly gain: Float64Array;
  /**
   * 1 where only the strong model is the cheapest best-scoring one, −1 where only the weak one is.
   */
  readonly optimalGain: Int8Array;
  /** Escalating never saves. */
  readonly rising: boolean;
  readonly priced: PricedRows;
}

/** The rows of one router on one set, sorted once. */
export interface SortedRows {
  readonly n: number;
  /** Row at each position, least confident first. */
  readonly order: Uint32Array;
  /** Strong minus weak grade at each position. */
  readonly gain: Float64Array;
  /** Label at each position. */
  readonly label: Uint8Array;
  /** Ends of the groups of equal confidence. */
  readonly groupEnds: Uint32Array;
  /** Confidence of each group; −Infinity for the group without one. */
  readonly value: Float64Array;
  /** Probability of each group, where the confidence is a logit. */
  readonly probability: Float64Array | null;
  /** Null where the cost of a row is not known. */
  readonly cost: SortedCost | null;
}

/** Sorts the rows of a router. */
export function sortRows(
  shared: SharedRows,
  confidence: Float64Array,
  calibrated: boolean,
  priced: PricedRows | null = null,
): SortedRows {
  const rows: ScoredRows = {
    n: shared.n,
    weak: shared.weak,
    strong: shared.strong,
    label: shared.label,
    confidence,
  };
  const { order, groupEnds } = prepare(rows);
  const value = Float64Array.from(groupEnds, (end) => {
    const groupValue = confidence[order[end - 1] as number] as number;
    return Number.isNaN(groupValue) ? -Infinity : groupValue;
  });
  return {
    n: shared.n,
    order,
    gain: Float64Array.from(
      order,
      (row) => (shared.strong[row] as number) - (shared.weak[row] as number),
    ),
    label: Uint8Array.from(order, (row) => shared.label[row] as number),
    groupEnds,
    value,
    probability: calibrated ? value.map(sigmoid) : null,
    cost: priced === null ? null : sortCost(order, priced),
  };
}

function sortCost(order: Uint32Array, priced: PricedRows): SortedCost {
  const { cost, keepOptimal, sendOptimal } = priced;
  const gain = Float64Array.from(
    order,
    (row) => (cost.strong[row] as number) - (cost.weak[row] as number),
  );
  return {
    gain,
    optimalGain: Int8Array.from(
      order,
      (row) => (sendOptimal[row] as number) - (keepOptimal[row] as number),
    ),
    rising: gain.every((value) => value >= 0),
    priced,
  };
}

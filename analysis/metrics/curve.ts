/**
 * The curve that all curve metrics read: mean score against the number of queries sent to the
 * strong model.
 */
import { ascending } from './order.js';
import type { ScoredRows } from './types.js';
import { mean } from './mean.js';

/** Rows sorted once. */
export interface Prepared {
  readonly rows: ScoredRows;
  /** Row indices, least confident first. */
  readonly order: Uint32Array;
  /** Ends (exclusive positions in `order`) of the groups of equal confidence. */
  readonly groupEnds: Uint32Array;
  /**
   * A(k), k = 0 … n: expected mean score when the k least confident go to the strong model, over
   * the orders inside tie groups.
   */
  readonly curve: Float64Array;
  readonly weakMean: number;
  readonly strongMean: number;
}

/** Sorts the rows and makes their curve. Rows must not be empty. */
export function prepare(rows: ScoredRows): Prepared {
  const { n, weak, strong, confidence } = rows;
  if (n === 0) throw new RangeError('there are no rows to measure');
  const order = ascending(confidence);
  // Gathered in loops of their own: the jumps through memory then overlap, and what follows reads
  // straight on.
  const value = new Float64Array(n);
  const gain = new Float64Array(n);
  for (let position = 0; position < n; position++)
    value[position] = confidence[order[position] as number] as number;
  for (let position = 0; position < n; position++) {
    const row = order[position] as number;
    gain[position] = (strong[row] as number) - (weak[row] as number);
  }

  const ends = new Uint32Array(n);
  let groups = 0;
  const curve = new Float64Array(n + 1);
  const weakMean = mean(weak);
  curve[0] = weakMean;
  let gained = 0;
  for (let from = 0; from < n;) {
    const groupValue = value[from] as number;
    let sum = gain[from] as number;
    let to = from + 1;
    // a group goes on while the value is the same, NaN being the same as NaN
    while (
      to < n &&
      (value[to] === groupValue || (groupValue !== groupValue && value[to] !== value[to]))
    )
      sum += gain[to++] as number;
    if (to === from + 1) curve[to] = weakMean + (gained + sum) / n;
    else
      for (let k = from + 1; k <= to; k++)
        curve[k] = weakMean + (gained + (sum * (k - from)) / (to - from)) / n;
    gained += sum;
    ends[groups++] = to;
    from = to;
  }
  return {
    rows,
    order,
    groupEnds: ends.subarray(0, groups),
    curve,
    weakMean,
    strongMean: mean(strong),
  };
}

/** A at a call rate between 0 and 1, linear between whole calls. */
export function scoreAt({ curve }: Prepared, callRate: number): number {
  const position = callRate * (curve.length - 1);
  const k = Math.min(Math.floor(position), curve.length - 2);
  return (curve[k] as number) + ((curve[k + 1] as number) - (curve[k] as number)) * (position - k);
}

/** Mean of A over an interval of call rates, the curve taken as linear between whole calls. */
export function meanOver(prepared: Prepared, [from, to]: readonly [number, number]): number {
  const n = prepared.curve.length - 1;
  let area = 0;
  let [x, y] = [from, scoreAt(prepared, from)];
  for (let k = Math.floor(from * n) + 1; k < to * n; k++) {
    const [x2, y2] = [k / n, prepared.curve[k] as number];
    area += ((y + y2) / 2) * (x2 - x);
    [x, y] = [x2, y2];
  }
  area += ((y + scoreAt(prepared, to)) / 2) * (to - x);
  return area / (to - from);
}

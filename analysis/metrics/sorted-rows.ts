/** The rows of a router on a set, sorted once for all resamples. */
import { ascending } from './order.js';
import { sigmoid } from './sigmoid.js';
import type { RowTotals } from './row-totals.js';
import type { RowQuantity } from './types.js';

/** The rows of one router on one set in the order of their confidence. */
export class SortedRows {
  readonly n: number;
  /** Row at each position, least confident first. */
  readonly order: Uint32Array;
  /** Strong minus weak grade at each position. */
  readonly gain: Float64Array;
  /** Label at each position. */
  readonly label: Uint8Array;
  /** Ends (exclusive positions in `order`) of the groups of equal confidence. */
  readonly groupEnds: Uint32Array;
  /** Confidence of each group; −Infinity for the group without one. */
  readonly value: Float64Array;
  readonly #quantities = new Map<RowQuantity, Float64Array>();
  #probability: Float64Array | undefined;

  constructor(
    readonly totals: RowTotals,
    readonly confidence: Float64Array,
  ) {
    const { n, weak, strong, label } = totals.rows;
    const order = ascending(confidence);
    // Two separate loops gather the values: their random memory accesses then overlap, and later
    // loops read memory in sequence.
    const sorted = new Float64Array(n);
    const gain = new Float64Array(n);
    const labels = new Uint8Array(n);
    for (let position = 0; position < n; position++)
      sorted[position] = confidence[order[position] as number] as number;
    for (let position = 0; position < n; position++) {
      const row = order[position] as number;
      gain[position] = (strong[row] as number) - (weak[row] as number);
      labels[position] = label[row] as number;
    }
    const ends = new Uint32Array(n);
    let groups = 0;
    for (let from = 0; from < n;) {
      const value = sorted[from] as number;
      let to = from + 1;
      // a group continues while the value is the same; NaN counts as equal to NaN
      while (to < n && (sorted[to] === value || (value !== value && sorted[to] !== sorted[to])))
        to++;
      // the start of the list is not read again: it now holds the values of the groups
      sorted[groups] = value !== value ? -Infinity : value;
      ends[groups++] = to;
      from = to;
    }
    this.n = n;
    this.order = order;
    this.gain = gain;
    this.label = labels;
    this.groupEnds = ends.subarray(0, groups);
    this.value = sorted.subarray(0, groups);
  }

  /** Probability of each group, where the confidence is a logit. */
  get probability(): Float64Array {
    return (this.#probability ??= this.value.map(sigmoid));
  }

  /** The quantity at each position. */
  at(quantity: RowQuantity): Float64Array {
    const known = this.#quantities.get(quantity);
    if (known !== undefined) return known;
    const values = this.totals.values(quantity);
    const sorted = Float64Array.from(this.order, (row) => values[row] as number);
    this.#quantities.set(quantity, sorted);
    return sorted;
  }
}

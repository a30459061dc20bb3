/**
 * Quantities of the rows of a set, with their sums: routers that pay alike share them, so that each
 * is summed once a resample.
 */
import type { GradedRows, RowQuantity } from './types.js';
import type { Weights } from './weights.js';

interface Summed {
  readonly values: Float64Array;
  readonly least: number;
  total: number;
  stamp: number;
}

/** The graded rows of a set, and what was computed of them. */
export class RowTotals {
  readonly #quantities = new Map<RowQuantity, Summed>();

  constructor(readonly rows: GradedRows) {}

  /** The quantity of each row. */
  values(quantity: RowQuantity): Float64Array {
    return this.#get(quantity).values;
  }

  /** Its smallest value. */
  least(quantity: RowQuantity): number {
    return this.#get(quantity).least;
  }

  /** Its sum over all rows, each as often as it counts. */
  total(quantity: RowQuantity, { multiplicity, stamp }: Weights): number {
    const summed = this.#get(quantity);
    if (summed.stamp === stamp) return summed.total;
    const { values } = summed;
    let total = 0;
    for (let row = 0; row < multiplicity.length; row++)
      total += (multiplicity[row] as number) * (values[row] as number);
    summed.total = total;
    summed.stamp = stamp;
    return total;
  }

  #get(quantity: RowQuantity): Summed {
    const known = this.#quantities.get(quantity);
    if (known !== undefined) return known;
    const values = quantity(this.rows);
    const least = values.reduce((low, value) => Math.min(low, value), Infinity);
    const made = { values, least, total: NaN, stamp: NaN };
    this.#quantities.set(quantity, made);
    return made;
  }
}

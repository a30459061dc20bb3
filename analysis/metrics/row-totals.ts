/**
 * Quantities of the rows of a set, with their sums. Routers with the same costs share them, so that
 * each sum is computed once per resample.
 */
import type { GradedRows, RowQuantity } from './types.js';
import type { Weights } from './weights.js';

interface Summed {
  readonly values: Float64Array;
  readonly least: number;
  total: number;
  stamp: number;
}

/** The graded rows of a set, and the sums over them. */
export class RowTotals {
  readonly #quantities = new Map<RowQuantity, Summed>();

  constructor(readonly rows: GradedRows) {}

  /** The quantity of each row. */
  values(quantity: RowQuantity): Float64Array {
    return this.#get(quantity).values;
  }

  /** The smallest value of the quantity. */
  least(quantity: RowQuantity): number {
    return this.#get(quantity).least;
  }

  /** The sum of the quantity over all rows, each counted by its multiplicity. */
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
    const values = quantity(structuredClone(this.rows)); // a third party's may write into them
    const least = values.reduce((low, value) => Math.min(low, value), Infinity);
    const summed = { values, least, total: NaN, stamp: NaN };
    this.#quantities.set(quantity, summed);
    return summed;
  }
}

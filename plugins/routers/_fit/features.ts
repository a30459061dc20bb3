/** The rows of a fit as one matrix: made in one pass over the blocks, so only the features are held, not the signals. */
import type { FitData, RouterInput } from '../../../core/index.js';

/** Features row by row, Float32Array[rows · dim], and their labels. */
export interface Features {
  readonly rows: number;
  readonly dim: number;
  readonly values: Float32Array;
  readonly labels: Float32Array;
}

/** Reads all blocks and keeps the features of each row. All rows must have features of one width. */
export async function collect<Signals>(data: FitData<Signals>, features: (input: RouterInput<Signals>) => ArrayLike<number>): Promise<Features> {
  let values = new Float32Array(0);
  const labels = new Float32Array(data.rows);
  let dim = 0;
  let at = 0;
  for await (const block of data.blocks()) {
    for (const row of block) {
      const own = features(row);
      if (at === 0) {
        dim = own.length;
        values = new Float32Array(data.rows * dim);
      }
      if (own.length !== dim) throw new RangeError(`row ${at + 1} has ${own.length} features, the first has ${dim}`);
      values.set(own, at * dim);
      labels[at++] = row.label;
    }
  }
  return { rows: at, dim, values, labels };
}

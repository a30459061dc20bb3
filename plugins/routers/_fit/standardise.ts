import type { Features } from './features.js';

/** Mean and spread of each feature on the training rows. */
export interface Standard {
  readonly mean: Float32Array;
  readonly spread: Float32Array;
}

/** Measures the training rows; a feature that never changes gets spread 1. */
export function standardOf({ rows, dim, values }: Features): Standard {
  const mean = new Float64Array(dim);
  const square = new Float64Array(dim);
  for (let r = 0; r < rows; r++) for (let i = 0; i < dim; i++) mean[i] = (mean[i] as number) + (values[r * dim + i] as number) / rows;
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < dim; i++) square[i] = (square[i] as number) + ((values[r * dim + i] as number) - (mean[i] as number)) ** 2 / rows;
  }
  return { mean: Float32Array.from(mean), spread: Float32Array.from(square, (s) => (s > 1e-12 ? Math.sqrt(s) : 1)) };
}

/** z-scores some rows of features. */
export function standardised({ mean, spread }: Standard, values: ArrayLike<number>): Float32Array {
  const dim = mean.length;
  return Float32Array.from(values, (value, i) => (value - (mean[i % dim] as number)) / (spread[i % dim] as number));
}

/** Mean and spread of each feature on the training rows. */
export interface Standard {
  readonly mean: Float32Array;
  readonly spread: Float32Array;
}

/** z-scores one row of features, or several contiguous ones. */
export function standardised({ mean, spread }: Standard, values: ArrayLike<number>): Float32Array {
  const out = new Float32Array(values.length);
  for (let from = 0; from < values.length; from += mean.length) {
    for (let i = 0; i < mean.length; i++)
      out[from + i] = (values[from + i]! - mean[i]!) / spread[i]!;
  }
  return out;
}

/** Limits on batches. */
export interface BatchLimits {
  /** Maximum number of rows per batch. */
  readonly rows: number;
  /** Numbers that one row of a given length takes in memory, and how many a batch may take. */
  readonly cells: (length: number) => number;
  readonly maxCells: number;
  /** Only rows of equal length in one batch. */
  readonly equalLengths: boolean;
}

/** Numbers (inputs, cache and outputs) that one batch may hold: 512 MB of float32. */
export const MAX_CELLS = 2 ** 27;

/**
 * Splits rows into batches of similar length, longest first, so that there is little padding and
 * the long ones do not come last. The result depends only on the lengths and limits, never on the
 * machine. Each batch lists indices of `lengths`.
 */
export function planBatches(
  lengths: readonly number[],
  limits: BatchLimits,
): readonly (readonly number[])[] {
  const order = lengths
    .map((_, index) => index)
    .sort((a, b) => (lengths[b] ?? 0) - (lengths[a] ?? 0) || a - b);
  // for example 40 rows with at most 32 per batch are two batches of 20
  const size = Math.ceil(order.length / Math.max(1, Math.ceil(order.length / limits.rows)));
  const batches: number[][] = [];
  let longest = 0;
  for (const index of order) {
    const length = lengths[index] ?? 0;
    const batch = batches.at(-1);
    const fits =
      batch !== undefined &&
      batch.length < size &&
      (batch.length + 1) * limits.cells(longest) <= limits.maxCells &&
      (!limits.equalLengths || length === longest);
    if (fits) batch.push(index);
    else {
      batches.push([index]);
      longest = length;
    }
  }
  return batches;
}

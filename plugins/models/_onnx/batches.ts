/** How rows are put together. */
export interface BatchLimits {
  /** Most rows together. */
  readonly rows: number;
  /** Numbers that one row of a given length takes in memory, and how many a batch may take. */
  readonly cells: (length: number) => number;
  readonly maxCells: number;
  /** Only rows of one length together. */
  readonly equalLengths: boolean;
}

/** Numbers (inputs, cache and outputs) that one batch may hold: 512 MB of float32. */
export const MAX_CELLS = 2 ** 27;

/**
 * Cuts rows into batches of similar length, longest first, so that little is padded and the long
 * ones do not come last. What comes
 * out depends on the lengths and limits alone, never on the machine. Each batch lists indices of
 * `lengths`.
 */
export function planBatches(
  lengths: readonly number[],
  limits: BatchLimits,
): readonly (readonly number[])[] {
  const order = lengths
    .map((_, index) => index)
    .sort((a, b) => (lengths[b] ?? 0) - (lengths[a] ?? 0) || a - b);
  // 40 rows at 32 a batch are two batches of 20.
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

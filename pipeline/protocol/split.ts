import { shuffled } from './select.js';

/**
 * The mixed fit rows, shuffled with the seed and cut once over the whole mix; positions count
 * through the sets in order.
 */
export function splitFit(
  rows: number,
  validationShare: number,
  seed: number,
): { readonly train: Int32Array; readonly validation: Int32Array } {
  const order = shuffled(
    Int32Array.from({ length: rows }, (_, i) => i),
    `${seed}/fit`,
  );
  const train = Math.round(rows * (1 - validationShare));
  return { train: order.subarray(0, train), validation: order.subarray(train) };
}

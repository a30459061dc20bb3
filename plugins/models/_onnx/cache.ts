import type { Tensor } from 'onnxruntime-node';
import type { Fetched, Feeds } from './feeds.js';
import type { DecoderLayout } from './layout.js';
import { onnxruntime } from './session.js';

/** The key-value cache of a forward pass, as feeds of the next one. */
export function nextCache(layout: DecoderLayout, fetched: Fetched): Feeds {
  return Object.fromEntries(
    layout.cache.map(({ past, present }) => [past, fetched[present] as Tensor]),
  );
}

/**
 * The cache of selected rows, in the order of `rows`; a row may be selected several times (samples
 * of one prompt) or dropped (finished).
 */
export function cacheRows(cache: Feeds, rows: readonly number[]): Feeds {
  return Object.fromEntries(
    Object.entries(cache).map(([name, tensor]) => [name, tensorRows(tensor, rows)]),
  );
}

function tensorRows(tensor: Tensor, rows: readonly number[]): Tensor {
  const { Tensor: OrtTensor } = onnxruntime();
  const [, ...inner] = tensor.dims;
  const size = inner.reduce((product, extent) => product * extent, 1);
  const { data } = tensor;
  if (data instanceof Float32Array) {
    const chosen = new Float32Array(rows.length * size);
    rows.forEach((row, at) => chosen.set(data.subarray(row * size, (row + 1) * size), at * size));
    return new OrtTensor('float32', chosen, [rows.length, ...inner]);
  }
  if (data instanceof Uint16Array) {
    const chosen = new Uint16Array(rows.length * size);
    rows.forEach((row, at) => chosen.set(data.subarray(row * size, (row + 1) * size), at * size));
    return new OrtTensor('float16', chosen, [rows.length, ...inner]);
  }
  throw new TypeError(`the cache is ${tensor.type}, not float32 or float16`);
}

import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { onnxruntime } from './session.js';
import type { CacheSlot, DecoderLayout } from './layout.js';

/** Named input tensors of a session. */
export type Feeds = Record<string, Tensor>;
/** Named output tensors of a session. */
export type Fetched = InferenceSession.OnnxValueMapType;

/** An int64 tensor from numbers of at most 32 bits. */
export function int64(values: ArrayLike<number>, dims: readonly number[]): Tensor {
  // Writing the low words avoids one BigInt per number; every platform of Node is little-endian.
  const words = new Int32Array(values.length * 2);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    words[2 * i] = value;
    words[2 * i + 1] = value < 0 ? -1 : 0;
  }
  const { Tensor: OrtTensor } = onnxruntime();
  return new OrtTensor('int64', new BigInt64Array(words.buffer), dims);
}

/**
 * The feeds of a pass over whole prompts: padded on the left to the longest, with an empty cache.
 */
export function promptFeeds(layout: DecoderLayout, prompts: readonly (readonly number[])[]): Feeds {
  const rows = prompts.length;
  const width = Math.max(...prompts.map((ids) => ids.length));
  const ids = new Int32Array(rows * width).fill(layout.padToken);
  const mask = new Int32Array(rows * width);
  const positions = new Int32Array(rows * width);
  prompts.forEach((prompt, row) => {
    const start = row * width + width - prompt.length;
    ids.set(prompt, start);
    mask.fill(1, start, start + prompt.length);
    for (let i = 0; i < prompt.length; i++) positions[start + i] = i;
  });
  return {
    ...tokenFeeds(layout, { ids, mask, positions, rows, width, total: width, cached: false }),
    ...Object.fromEntries(layout.cache.map((slot) => [slot.past, emptyCache(slot, rows)])),
  };
}

/** The feeds of a forward pass, without the cache. */
export function tokenFeeds(
  layout: DecoderLayout,
  step: {
    readonly ids: ArrayLike<number>;
    readonly mask: ArrayLike<number>;
    readonly positions: ArrayLike<number>;
    readonly rows: number;
    /** New tokens per row. */
    readonly width: number;
    /** Tokens per row, including cached ones. */
    readonly total: number;
    readonly cached: boolean;
  },
): Feeds {
  const { Tensor: OrtTensor } = onnxruntime();
  const feeds: Feeds = {
    input_ids: int64(step.ids, [step.rows, step.width]),
    attention_mask: int64(step.mask, [step.rows, step.total]),
  };
  if (layout.takesPositions) feeds['position_ids'] = int64(step.positions, [step.rows, step.width]);
  if (layout.logitsToKeep !== undefined) feeds[layout.logitsToKeep] = int64([1], []);
  if (layout.takesCacheBranch)
    feeds['use_cache_branch'] = new OrtTensor('bool', Uint8Array.of(step.cached ? 1 : 0), [1]);
  return feeds;
}

function emptyCache(slot: CacheSlot, rows: number): Tensor {
  const { Tensor: OrtTensor } = onnxruntime();
  const dims = [rows, slot.heads, 0, slot.width];
  return slot.type === 'float16'
    ? new OrtTensor('float16', new Uint16Array(0), dims)
    : new OrtTensor('float32', new Float32Array(0), dims);
}

import { seededRandom } from '../../core/util/random.js';

/**
 * Indices of `count` of `rows` rows drawn with the seed, in ascending order; all of them where
 * `count` is undefined.
 */
export function selectRows(rows: number, count: number | undefined, seed: number): Int32Array {
  const all = Int32Array.from({ length: rows }, (_, i) => i);
  if (count === undefined || count >= rows) return all;
  return shuffled(all, `${seed}/select`).subarray(0, count).sort();
}

/** A shuffled copy of the indices (Fisher-Yates with the seed). */
export function shuffled(indices: Int32Array, seed: number | string): Int32Array {
  const random = seededRandom(seed);
  const out = Int32Array.from(indices);
  for (let i = out.length - 1; i > 0; i--) {
    const j = random.int(0, i);
    const held = out[i] as number;
    out[i] = out[j] as number;
    out[j] = held;
  }
  return out;
}

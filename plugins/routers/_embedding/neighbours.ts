/**
 * Exact nearest neighbours by cosine: every query against every stored vector, in tiles that fit
 * into the processor cache.
 */

/** Maximum size of a tile of stored vectors, in bytes. */
const TILE_BYTES = 2 ** 17;

/** Unit vectors, Float32Array[rows · dim]. */
export interface UnitRows {
  readonly rows: number;
  readonly dim: number;
  readonly values: Float32Array;
}

/** A vector scaled to length 1, or null for a zero vector, which has no direction. */
export function unit(vector: ArrayLike<number>): Float64Array | null {
  const out = Float64Array.from(vector);
  // squares of tiny numbers would underflow
  const scale = out.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (scale === 0) return null;
  let square = 0;
  for (let i = 0; i < out.length; i++) square += (out[i]! / scale) ** 2;
  const length = scale * Math.sqrt(square);
  return out.map((x) => x / length);
}

/**
 * Cosine of each query with each stored vector: one Float64Array[stored.rows] per query. Products
 * are always summed in the same order, so a query gets the same numbers alone and in a batch.
 */
export function cosines(
  queries: readonly Float64Array[],
  { rows, dim, values }: UnitRows,
): readonly Float64Array[] {
  const out = queries.map(() => new Float64Array(rows));
  const tile = Math.max(4, Math.floor(TILE_BYTES / (4 * dim)) & ~3);
  for (let from = 0; from < rows; from += tile) {
    const to = Math.min(rows, from + tile);
    queries.forEach((query, q) => {
      const similarities = out[q] as Float64Array;
      let row = from;
      // Four independent sums: each addition waits for the previous one of the same sum only.
      for (; row + 4 <= to; row += 4) {
        const [a, b, c, d] = [row * dim, (row + 1) * dim, (row + 2) * dim, (row + 3) * dim];
        let [sumA, sumB, sumC, sumD] = [0, 0, 0, 0];
        for (let i = 0; i < dim; i++) {
          const x = query[i]!;
          sumA += x * values[a + i]!;
          sumB += x * values[b + i]!;
          sumC += x * values[c + i]!;
          sumD += x * values[d + i]!;
        }
        similarities[row] = sumA;
        similarities[row + 1] = sumB;
        similarities[row + 2] = sumC;
        similarities[row + 3] = sumD;
      }
      for (; row < to; row++) {
        let sum = 0;
        for (let i = 0; i < dim; i++) sum += query[i]! * values[row * dim + i]!;
        similarities[row] = sum;
      }
    });
  }
  return out;
}

/** Indices of the `k` largest values, largest first; ties in order of index. */
export function largest(values: Float64Array, k: number): readonly number[] {
  const kept: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (kept.length === k && value <= values[kept[k - 1]!]!) continue;
    let slot = kept.length === k ? k - 1 : kept.length;
    while (slot > 0 && values[kept[slot - 1]!]! < value) {
      kept[slot] = kept[slot - 1]!;
      slot--;
    }
    kept[slot] = i;
  }
  return kept;
}

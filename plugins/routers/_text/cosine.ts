/** Cosine of two rows of an n × dim matrix; 0 if one of them is zero. */
export function cosine(values: Float32Array, dim: number, i: number, j: number): number {
  let dot = 0;
  let a = 0;
  let b = 0;
  for (let k = 0; k < dim; k++) {
    const x = values[i * dim + k]!;
    const y = values[j * dim + k]!;
    dot += x * y;
    a += x * x;
    b += y * y;
  }
  return a === 0 || b === 0 ? 0 : dot / Math.sqrt(a * b);
}

/** The embeddings of a fit as one matrix, and the statistics for z-scores. */
import { HarnessError, type FitData } from '../../../core/index.js';
import type { Standard } from '../_fit/standard.js';
import { getEmbedding, type EmbeddingSignals } from './vector.js';

/** Embeddings row by row, Float32Array[rows · dim], and their labels, 0 or 1. */
export interface EmbeddingRows {
  readonly rows: number;
  readonly dim: number;
  readonly values: Float32Array;
  readonly labels: Float32Array;
}

/**
 * Reads all blocks.
 * @throws HarnessError RXB6005 if there are no rows, or the rows differ in width.
 */
export async function collect(
  router: string,
  data: FitData<EmbeddingSignals>,
): Promise<EmbeddingRows> {
  const refused = (problem: string): HarnessError =>
    new HarnessError('fitFailed', { router, rows: data.rows, problem });
  const labels = new Float32Array(data.rows);
  let values = new Float32Array(0);
  let dim = 0;
  let index = 0;
  for await (const block of data.blocks()) {
    for (const row of block) {
      const vector = getEmbedding(row);
      if (index === 0) {
        dim = vector.length;
        values = new Float32Array(data.rows * dim);
      }
      if (vector.length !== dim)
        throw refused(`embedding ${index + 1} has ${vector.length} numbers, the first has ${dim}`);
      values.set(vector, index * dim);
      labels[index++] = row.label;
    }
  }
  if (index === 0) throw refused('there are no rows');
  return { rows: index, dim, values, labels };
}

const TINY_VARIANCE = 1e-12;

/** Mean and spread of training rows, in double precision; a constant dimension gets spread 1. */
export function computeStandard({ rows, dim, values }: EmbeddingRows): Standard {
  const mean = new Float64Array(dim);
  const variance = new Float64Array(dim);
  const each = (visit: (axis: number, value: number) => void): void => {
    for (let r = 0; r < rows; r++) for (let i = 0; i < dim; i++) visit(i, values[r * dim + i]!);
  };
  each((i, value) => (mean[i] = mean[i]! + value / rows));
  each((i, value) => (variance[i] = variance[i]! + (value - mean[i]!) ** 2 / rows));
  return {
    mean: Float32Array.from(mean),
    spread: Float32Array.from(variance, (v) => (v > TINY_VARIANCE ? Math.sqrt(v) : 1)),
  };
}

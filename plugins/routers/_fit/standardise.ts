import type { Weights } from '../../../core/index.js';
import type { Rows } from './rows.js';
import type { Standard } from './standard.js';

/**
 * Mean and spread of the training rows (of one layer each), in two passes and double precision; a
 * constant feature gets spread 1.
 */
export async function computeStandard<Signals>(rows: Rows<Signals>): Promise<Standard> {
  const mean = new Float64Array(rows.dim);
  const square = new Float64Array(rows.dim);
  await rows.each((values) => {
    for (let i = 0; i < rows.dim; i++) mean[i] = mean[i]! + values[i]! / rows.rows;
  });
  await rows.each((values) => {
    for (let i = 0; i < rows.dim; i++)
      square[i] = square[i]! + (values[i]! - mean[i]!) ** 2 / rows.rows;
  });
  return {
    mean: Float32Array.from(mean),
    spread: Float32Array.from(square, (s) => (s > 1e-12 ? Math.sqrt(s) : 1)),
  };
}

/** As named tensors, to store with the weights. */
export const standardTensors = ({ mean, spread }: Standard): Weights['tensors'] => ({
  'standard.mean': { shape: [mean.length], data: mean },
  'standard.spread': { shape: [spread.length], data: spread },
});

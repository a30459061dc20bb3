import type { MetricCurve } from '../../../core/index.js';
import { CALL_RATES } from '../../../analysis/index.js';

function computeScores(curve: MetricCurve, before: Float64Array | undefined): Float64Array {
  const { count, gained, rows, weakMean } = curve;
  const scores = before ?? new Float64Array(CALL_RATES.length);
  let g = 0;
  for (let i = 0; i < scores.length; i++) {
    const k = Math.floor((CALL_RATES[i] as number) * rows);
    while ((count[g + 1] as number) < k) g++;
    const low = gained[g] as number;
    const start = count[g] as number;
    const size = (count[g + 1] as number) - start;
    scores[i] =
      k === 0
        ? weakMean
        : weakMean + (low + (((gained[g + 1] as number) - low) * (k - start)) / size) / rows;
  }
  return scores;
}

/**
 * A at each call rate of the paper's grid: floor(call rate · rows) queries are escalated, as the
 * paper's code does. Where that code says 0 for an empty band, metrics of the grid are null.
 */
export const gridScores = (curve: MetricCurve): Float64Array => curve.once(computeScores);

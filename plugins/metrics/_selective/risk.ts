/**
 * The weak model as a selective predictor that answers the queries it is surest of: risk is the
 * share of answers with label 0 among the k surest (El-Yaniv and Wiener, 2010; Geifman and
 * El-Yaniv, 2017). Ties: expectation over the orders inside a group.
 */
import type { MetricCurve } from '../../../core/index.js';

/** 1 + 1/2 + … + 1/k, for k = 0 … rows. */
function computeHarmonic({ rows }: MetricCurve, before: Float64Array | undefined): Float64Array {
  if (before !== undefined && before.length > rows) return before;
  const most = Math.ceil(rows * 1.05); // resamples of clusters differ in size
  const sums = new Float64Array(most + 1);
  for (let k = 1; k <= most; k++) sums[k] = (sums[k - 1] as number) + 1 / k;
  return sums;
}

function computeRisk(curve: MetricCurve): number {
  const { count, rights, groups, rows, right } = curve;
  const harmonic = curve.once(computeHarmonic);
  let risk = 0;
  let kept = rows; // from this group upwards, like the wrong ones and the harmonic sum
  let wrong = rows - right;
  let sum = harmonic[rows] as number;
  for (let g = 1; g <= groups; g++) {
    const above = rows - (count[g] as number);
    const wrongAbove = rows - right - ((count[g] as number) - (rights[g] as number));
    const negatives = wrong - wrongAbove;
    const sumAbove = harmonic[above] as number;
    risk += (wrongAbove - (negatives * above) / (kept - above)) * (sum - sumAbove) + negatives;
    kept = above;
    wrong = wrongAbove;
    sum = sumAbove;
  }
  return risk;
}

/** Sum of the risks at the coverages 1/rows … rows/rows. */
export const sumOfRisks = (curve: MetricCurve): number => curve.once(computeRisk);

/** The same for the best order of these labels. */
export function leastSumOfRisks(curve: MetricCurve): number {
  const { rows, right } = curve;
  const harmonic = curve.once(computeHarmonic);
  return rows - right - right * ((harmonic[rows] as number) - (harmonic[right] as number));
}

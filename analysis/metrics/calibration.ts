/**
 * Calibration of a router that gives logits of P(label = 1). Rows without a confidence have no
 * probability and are left out.
 */
import type { MetricCurve } from './types.js';

/** Number of bins of the reliability curve; all have equal mass. */
export const BINS = 15;

/**
 * A bin of the reliability curve: mean probability, share of rows with label 1, and its mass in
 * rows (whole numbers where 15 divides them).
 */
export type ReliabilityBin = readonly [probability: number, right: number, rows: number];

/** Number of groups without a confidence: 1 (the first group) or 0. */
export const groupsWithoutConfidence = (curve: MetricCurve): number =>
  curve.confidenceAt(0) === -Infinity ? 1 : 0;

/**
 * Adds up probabilities and labels of each bin: sums[2b] and sums[2b + 1]. Rows in order of
 * probability are cut into 15 bins of equal mass. A group of equal confidences that a cut divides
 * gives each bin its share, so the order of rows does not matter. Without ties and with a
 * multiple of 15 rows these are the bins of numpy.array_split. Returns the mass of a bin; 0 where
 * no row has a confidence.
 */
export function fillBins(curve: MetricCurve, sums: Float64Array): number {
  const { count, rights, groups, rows } = curve;
  const probabilities = curve.probabilities();
  const first = groupsWithoutConfidence(curve);
  const base = count[first] as number;
  const mass = (rows - base) / BINS;
  sums.fill(0);
  let bin = 0;
  let edge = mass;
  let from = 0; // rows up to this group
  let expected = 0; // sum of probabilities of this bin so far
  let rightAtEdge = rights[first] as number; // rows with label 1 up to this bin
  for (let g = first; g < groups; g++) {
    const to = (count[g + 1] as number) - base;
    const probability = probabilities[g] as number;
    let left = to - from; // rows of the group that are in no bin yet
    while (to > edge) {
      const inside = left - (to - edge);
      const low = rights[g] as number;
      const right = low + (((rights[g + 1] as number) - low) * (edge - from)) / (to - from);
      sums[2 * bin] = expected + inside * probability;
      sums[2 * bin + 1] = right - rightAtEdge;
      rightAtEdge = right;
      expected = 0;
      left -= inside;
      bin++;
      edge = bin < BINS - 1 ? (bin + 1) * mass : Infinity;
    }
    expected += left * probability;
    from = to;
  }
  sums[2 * bin] = expected;
  sums[2 * bin + 1] = (rights[groups] as number) - rightAtEdge;
  return mass;
}

/** The reliability curve; empty where no row has a confidence. */
export function reliability(curve: MetricCurve): readonly ReliabilityBin[] {
  const sums = new Float64Array(2 * BINS);
  const mass = fillBins(curve, sums);
  if (mass === 0) return [];
  return Array.from({ length: BINS }, (_, bin) => [
    (sums[2 * bin] as number) / mass,
    (sums[2 * bin + 1] as number) / mass,
    mass,
  ]);
}

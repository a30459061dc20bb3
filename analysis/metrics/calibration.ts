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

/** What calibration metrics read; buffers are filled again for each resample. */
export interface Calibration {
  /** Sum of the probabilities and number of rows with label 1 of each bin: [2b] and [2b + 1]. */
  readonly sums: Float64Array;
  /** Rows with a confidence; 0 where no row has one. */
  rows: number;
  /** Sum over these rows of (probability − label)². */
  squares: number;
}

/**
 * Rows in order of probability are cut into 15 bins of equal mass. A group of equal confidences
 * that a cut divides gives each bin its share, so the order of rows does not matter. Without ties
 * and with a multiple of 15 rows these are the bins of numpy.array_split.
 */
export const calibration = (curve: MetricCurve): Calibration => curve.once(computeCalibration);

function computeCalibration(
  curve: MetricCurve,
  before: Calibration = { sums: new Float64Array(2 * BINS), rows: 0, squares: NaN },
): Calibration {
  const { count, rights, groups } = curve;
  const { sums } = before;
  const probabilities = curve.probabilities();
  const first = curve.confidenceAt(0) === -Infinity ? 1 : 0; // the group without a confidence
  const base = count[first] as number;
  const rows = curve.rows - base;
  const mass = rows / BINS;
  sums.fill(0);
  let squares = 0;
  let bin = 0;
  let edge = mass;
  let from = 0; // rows up to this group
  let low = rights[first] as number; // rows with label 1 up to this group
  let expected = 0; // sum of probabilities up to this group
  let expectedAtEdge = 0; // the same up to this bin
  let rightAtEdge = low;
  for (let g = first; g < groups; g++) {
    const to = (count[g + 1] as number) - base;
    const high = rights[g + 1] as number;
    const probability = probabilities[g] as number;
    while (to > edge) {
      const atEdge = expected + (edge - from) * probability;
      const right = low + ((high - low) * (edge - from)) / (to - from);
      sums[2 * bin] = atEdge - expectedAtEdge;
      sums[2 * bin + 1] = right - rightAtEdge;
      expectedAtEdge = atEdge;
      rightAtEdge = right;
      bin++;
      edge = bin < BINS - 1 ? (bin + 1) * mass : Infinity;
    }
    const size = to - from;
    expected += size * probability;
    squares += size * probability * probability + (high - low) * (1 - 2 * probability);
    from = to;
    low = high;
  }
  sums[2 * bin] = expected - expectedAtEdge;
  sums[2 * bin + 1] = low - rightAtEdge;
  before.rows = rows;
  before.squares = squares;
  return before;
}

/** The reliability curve; empty where no row has a confidence. */
export function reliability(curve: MetricCurve): readonly ReliabilityBin[] {
  const { sums, rows } = calibration(curve);
  if (rows === 0) return [];
  const mass = rows / BINS;
  return Array.from({ length: BINS }, (_, bin) => [
    (sums[2 * bin] as number) / mass,
    (sums[2 * bin + 1] as number) / mass,
    mass,
  ]);
}

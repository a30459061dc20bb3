/**
 * How far the probabilities of a router that gives logits of P(label = 1) can be believed. Rows
 * without a confidence have none and are left out.
 */
import type { Prepared } from './curve.js';
import { none, type MetricSettings, type MetricValue } from './types.js';

/** Bins of `ece` and of the reliability curve: of equal mass. */
export const BINS = 15;

const NO_PROBABILITY = 'its confidence is not a probability';
const NO_OPINION = 'no row has a confidence';

/** Probability of a logit. */
export const sigmoid = (logit: number): number =>
  logit >= 0 ? 1 / (1 + Math.exp(-logit)) : Math.exp(logit) / (1 + Math.exp(logit));

const firstNumber = ({ rows: { confidence }, order, groupEnds }: Prepared): number =>
  Number.isNaN(confidence[order[0] as number]) ? (groupEnds[0] as number) : 0;

/** Brier score: mean squared distance of probability and label (Brier, 1950). */
export function brier(prepared: Prepared, { calibrated }: MetricSettings): MetricValue {
  if (calibrated !== true) return none(NO_PROBABILITY);
  const {
    rows: { confidence, label, n },
    order,
  } = prepared;
  const first = firstNumber(prepared);
  if (first === n) return none(NO_OPINION);
  let sum = 0;
  for (let position = first; position < n; position++) {
    const row = order[position] as number;
    sum += (sigmoid(confidence[row] as number) - (label[row] as number)) ** 2;
  }
  return { value: sum / (n - first) };
}

/**
 * A bin of the reliability curve: mean probability, share of rows with label 1, and its mass in
 * rows (whole numbers where 15 divides them).
 */
export type ReliabilityBin = readonly [probability: number, right: number, rows: number];

/**
 * The reliability curve: rows in order of probability, cut into 15 bins of equal mass. A group of
 * equal confidences that a cut divides gives each side its
 * share, so nothing hangs on the order of rows. Without ties and with a multiple of 15 rows these
 * are the bins of numpy.array_split. Empty without rows.
 */
export function reliability(prepared: Prepared): readonly ReliabilityBin[] {
  const {
    rows: { confidence, label, n },
    order,
    groupEnds,
  } = prepared;
  const first = firstNumber(prepared);
  if (first === n) return [];
  const mass = (n - first) / BINS;
  const bins = Array.from({ length: BINS }, () => [0, 0]);
  let from = first;
  for (const to of groupEnds) {
    if (to <= from) continue;
    let right = 0;
    for (let position = from; position < to; position++)
      right += label[order[position] as number] as number;
    const probability = sigmoid(confidence[order[from] as number] as number);
    const share = right / (to - from);
    const lowest = Math.min(BINS - 1, Math.floor((from - first) / mass));
    const highest = Math.min(BINS - 1, Math.ceil((to - first) / mass) - 1);
    for (let bin = lowest; bin <= highest; bin++) {
      const overlap = Math.min(to - first, (bin + 1) * mass) - Math.max(from - first, bin * mass);
      const sums = bins[bin] as number[];
      sums[0] = (sums[0] as number) + overlap * probability;
      sums[1] = (sums[1] as number) + overlap * share;
    }
    from = to;
  }
  return bins.map(([probability = 0, right = 0]) => [probability / mass, right / mass, mass]);
}

/**
 * Expected calibration error: mean distance of probability and share of right rows over the bins
 * (Naeini et al., 2015; equal mass as in Nixon et al., 2019).
 */
export function ece(prepared: Prepared, { calibrated }: MetricSettings): MetricValue {
  if (calibrated !== true) return none(NO_PROBABILITY);
  const bins = reliability(prepared);
  if (bins.length === 0) return none(NO_OPINION);
  return {
    value:
      bins.reduce((sum, [probability, right]) => sum + Math.abs(probability - right), 0) / BINS,
  };
}

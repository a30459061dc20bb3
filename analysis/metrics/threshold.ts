/**
 * Deployed thresholds: chosen on validation rows for a call rate, and evaluated on other rows.
 */
import { ascending } from './order.js';
import { NO_GAP } from './gap.js';
import { none, type MetricCurve, type MetricValue } from './types.js';

/** Call rates that thresholds are chosen for. */
export const TRANSFER_RATES = [0.1, 0.2, 0.3, 0.5] as const;

/**
 * Largest confidence that goes to the strong model at this call rate. Rows without a confidence
 * (NaN) always go; −Infinity where no other rows do. Null without rows.
 */
export function thresholdFor(confidence: Float64Array, callRate: number): number | null {
  const n = confidence.length;
  if (n === 0) return null;
  const calls = Math.round(callRate * n);
  const last =
    calls === 0 ? NaN : (confidence[ascending(confidence)[calls - 1] as number] as number);
  return Number.isNaN(last) ? -Infinity : last;
}

/**
 * Share of the rows that a threshold sends to the strong model, and the share of the gap that this
 * recovers.
 */
export function computeTransfer(
  curve: MetricCurve,
  threshold: number,
): { readonly realised: number; readonly recovery: MetricValue } {
  const { groups, count, rows, weakMean, strongMean } = curve;
  let calls = 0;
  for (let g = 0; g < groups && curve.confidenceAt(g) <= threshold; g++)
    calls = count[g + 1] as number;
  const gap = strongMean - weakMean;
  return {
    realised: calls / rows,
    recovery: gap <= 0 ? none(NO_GAP) : { value: (curve.scoreAt(calls) - weakMean) / gap },
  };
}

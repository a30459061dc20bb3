/**
 * What deployment gets: a threshold chosen on validation rows for a call rate, and what it does on
 * other rows.
 */
import type { Prepared } from './curve.js';
import { ascending } from './order.js';
import { none, type MetricValue } from './types.js';

/** Call rates that thresholds are chosen for. */
export const TRANSFER_RATES = [0.1, 0.2, 0.3, 0.5] as const;

/**
 * Largest confidence that goes to the strong model when a share of these rows does; −Infinity where
 * none does but rows without a confidence (NaN), which
 * always go. Null without rows.
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
  { rows: { confidence, n }, order, groupEnds, curve, weakMean, strongMean }: Prepared,
  threshold: number,
): { readonly realised: number; readonly recovery: MetricValue } {
  let calls = 0;
  for (const end of groupEnds) {
    const groupValue = confidence[order[end - 1] as number] as number;
    if (groupValue > threshold) break; // NaN is above nothing
    calls = end;
  }
  const gap = strongMean - weakMean;
  return {
    realised: calls / n,
    recovery:
      gap <= 0
        ? none('the strong model does not score above the weak one')
        : { value: ((curve[calls] as number) - weakMean) / gap },
  };
}

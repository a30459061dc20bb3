/**
 * Statistics from the resamples of one number: interval, standard error, and p values.
 */
import { quantile } from '../util/quantile.js';
import { normalTail } from './normal.js';

/** A percentile interval with the standard error, or the reason why there is none. */
export type Spread =
  | { readonly low: number; readonly high: number; readonly error: number }
  | { readonly reason: string };

/**
 * With fewer independent queries there is no interval: it would be too narrow.
 */
export const FEWEST_CLUSTERS = 30;
/** There is no interval where a metric is null in more than this share of the resamples. */
const MOST_NULLS = 0.05;

/** Resamples without those that are null; NaN stands for null. */
function numbers(values: ArrayLike<number>): Float64Array {
  const kept = new Float64Array(values.length);
  let count = 0;
  // a loop: `Float64Array.from` takes most of the time of a leaderboard of 300 routers
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isNaN(value)) kept[count++] = value;
  }
  return kept.subarray(0, count);
}

/** Interval of the given level over the resamples. */
export function spread(values: ArrayLike<number>, level: number): Spread {
  const sorted = numbers(values).sort();
  const nulls = values.length - sorted.length;
  if (sorted.length === 0 || nulls / values.length > MOST_NULLS)
    return { reason: `null in ${nulls} of ${values.length} resamples` };
  return {
    low: quantile(sorted, (1 - level) / 2),
    high: quantile(sorted, (1 + level) / 2),
    error: standardError(sorted),
  };
}

function standardError(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += ((values[i] as number) - mean) ** 2;
  return Math.sqrt(squares / Math.max(1, values.length - 1));
}

/**
 * With fewer resamples beyond a bound their share is too coarse, and the normal tail is used.
 */
const FEW = 10;

/**
 * One-sided p value that a number is at least `bound`: the share of its resamples that are. With
 * fewer than ten such resamples the share cannot resolve small p values; then the normal tail with
 * the resamples' standard error is used, if it is smaller. Null where too many resamples are null.
 */
export function pAtLeast(
  estimate: number,
  values: ArrayLike<number>,
  bound: number,
): number | null {
  const finite = numbers(values);
  if (finite.length === 0 || 1 - finite.length / values.length > MOST_NULLS) return null;
  let beyond = 0;
  for (let i = 0; i < finite.length; i++) if ((finite[i] as number) >= bound) beyond++;
  const counted = (beyond + 1) / (finite.length + 1);
  if (beyond >= FEW) return counted;
  const error = standardError(finite);
  if (error === 0) return estimate >= bound ? counted : 0;
  return Math.min(counted, normalTail((bound - estimate) / error));
}

/** Two-sided p value that a difference is 0. */
export function pDifferent(estimate: number, values: ArrayLike<number>): number | null {
  const flipped = new Float64Array(values.length);
  for (let i = 0; i < flipped.length; i++) flipped[i] = -(values[i] as number);
  const above = pAtLeast(estimate, values, 0);
  const below = pAtLeast(-estimate, flipped, 0);
  return above === null || below === null ? null : Math.min(1, 2 * Math.min(above, below));
}

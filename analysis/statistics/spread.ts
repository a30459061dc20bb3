/**
 * Statistics from the resamples of one number: interval, standard error, and p values.
 */
import { mean } from '../metrics/mean.js';
import { quantile } from '../util/quantile.js';
import { studentQuantile, studentTail } from './student.js';

/** An interval with the standard error, or the reason why there is none. */
export type Spread =
  | { readonly low: number; readonly high: number; readonly error: number }
  | { readonly reason: string };

/** A number with its resamples, in which NaN stands for null. */
export interface ResampledNumber {
  readonly value: number;
  readonly resamples: ArrayLike<number>;
  /** Independent queries of the rarer label; of an average, the fewest of its sets. */
  readonly rarerLabel: number;
  /** Whether it is an AUROC: its interval is computed on the scale of its logit. */
  readonly isAuroc?: boolean;
  /** The lowest and the highest value that it can have. */
  readonly range?: readonly [number, number];
}

/**
 * There is no interval where a metric is null in more than this share of the resamples. A metric of
 * the gap between the models is null where there is no gap: it has an interval where the 95 %
 * interval of the gap is above 0.
 */
const MOST_NULLS = 0.025;
/**
 * There is no interval where the mean of the resamples is further from the value than this many
 * standard errors: they are then not about the value.
 */
const MOST_BIAS = 0.5;
/** With fewer queries of the rarer label, percentile intervals are too narrow for some metrics. */
const FEW_QUERIES = 150;
/** Resamples are stored as float32: a smaller standard error is rounding. */
const ROUNDING = 1e-7;

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

/**
 * Percentile interval of the given level over the resamples.
 * @internal Exported for its tests and for the benchmark.
 */
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

/**
 * Degrees of freedom of a standard error from resamples (Satterthwaite, 1946): 2 divided by the
 * relative variance of the variance. Of m independent queries that is 2 / (m − 1), and more where
 * few of them weigh much, which shows in the excess kurtosis of the resamples. What that has by
 * chance is not counted.
 */
function degreesOfFreedom(values: Float64Array, error: number, rarerLabel: number): number {
  const middle = mean(values);
  let fourth = 0;
  for (let i = 0; i < values.length; i++) fourth += (((values[i] as number) - middle) / error) ** 4;
  const excess = fourth / values.length - 3 - Math.sqrt(24 / values.length);
  return Math.max(1, 2 / (2 / (rarerLabel - 1) + Math.max(0, excess)));
}

/** What is wrong with resamples that are not about the value; null where nothing is. */
function findBias(value: number, values: Float64Array, error: number): string | null {
  const middle = mean(values);
  const noise = 3 / Math.sqrt(values.length);
  return Math.abs(middle - value) <= (MOST_BIAS + noise) * error
    ? null
    : `its resamples are biased: their mean is ${middle.toPrecision(3)}, the value ${value.toPrecision(3)}`;
}

/**
 * The interval of a number. Of an AUROC: Student's t with the standard error of the resamples, on
 * the scale of its logit. Of other numbers: the percentile interval, with few queries extended
 * to Student's interval where that is wider. It always holds the value.
 */
export function interval(number: ResampledNumber, level: number): Spread {
  const { value, resamples, rarerLabel, isAuroc = false, range = [-Infinity, Infinity] } = number;
  const percentiles = spread(resamples, level);
  if ('reason' in percentiles) return percentiles;
  const { low, high, error } = percentiles;
  if (error <= ROUNDING * Math.max(1, Math.abs(value)))
    return range.includes(value)
      ? { reason: `it is ${value} in every resample: more queries are needed` }
      : { low: value, high: value, error: 0 };
  const values = numbers(resamples);
  const bias = findBias(value, values, error);
  if (bias !== null) return { reason: bias };
  const degrees = degreesOfFreedom(values, error, rarerLabel);
  const half = studentQuantile((1 - level) / 2, degrees) * error;
  if (isAuroc && value > 0 && value < 1) {
    const factor = Math.exp(half / (value * (1 - value)));
    const odds = value / (1 - value);
    return { low: 1 / (1 + factor / odds), high: 1 / (1 + 1 / (factor * odds)), error };
  }
  if (rarerLabel >= FEW_QUERIES) return { low, high, error };
  return {
    low: Math.max(range[0], Math.min(low, value - half)),
    high: Math.min(range[1], Math.max(high, value + half)),
    error,
  };
}

function standardError(values: Float64Array): number {
  const middle = mean(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += ((values[i] as number) - middle) ** 2;
  return Math.sqrt(squares / Math.max(1, values.length - 1));
}

/**
 * One-sided p value that a number is at least `bound`: Student's t with the standard error of the
 * resamples. Null where too many resamples are null.
 */
export function pAtLeast(
  { value, resamples, rarerLabel }: ResampledNumber,
  bound: number,
): number | null {
  const finite = numbers(resamples);
  if (finite.length === 0 || 1 - finite.length / resamples.length > MOST_NULLS) return null;
  const error = standardError(finite);
  if (error <= ROUNDING * Math.max(1, Math.abs(value))) return value >= bound - ROUNDING ? 1 : 0;
  return studentTail((bound - value) / error, Math.max(1, rarerLabel - 1));
}

/** Two-sided p value that a difference is 0. */
export function pDifferent(difference: ResampledNumber): number | null {
  const p = pAtLeast({ ...difference, value: -Math.abs(difference.value) }, 0);
  return p === null ? null : Math.min(1, 2 * p);
}

/**
 * lpm, mpm and hcr as the paper's code computes them, on its grid: call rate i is the double i ·
 * 0.01 (the last one is 1), and
 * floor(call rate · n) queries are escalated. Where that code says 0 for an empty band, these are
 * null.
 */
import type { Prepared } from './curve.js';
import { none, type MetricSettings, type MetricValue } from './types.js';

/** The grid of call rates. */
export const CALL_RATES: readonly number[] = Array.from({ length: 101 }, (_, i) =>
  i === 100 ? 1 : i * 0.01,
);

/** A at each call rate of the grid. */
export const gridScores = ({ curve }: Prepared): readonly number[] =>
  CALL_RATES.map((rate) => curve[Math.floor(rate * (curve.length - 1))] as number);

const NO_GAP = 'the strong model does not score above the weak one';

const mean = (values: readonly number[], empty: string): MetricValue =>
  values.length === 0
    ? none(empty)
    : { value: values.reduce((sum, value) => sum + value, 0) / values.length };

/** Low-band Performance Mean: mean of A over grid points in the low band of call rates. */
export const lpm = (prepared: Prepared, { lowBand: [low, high] }: MetricSettings): MetricValue =>
  mean(
    gridScores(prepared).filter(
      (_, i) => (CALL_RATES[i] as number) >= low && (CALL_RATES[i] as number) <= high,
    ),
    'no grid point lies in the low band',
  );

/**
 * Middle-band Performance Mean: mean of A strictly between A at the end of the low band and the
 * level of recovery r1.
 */
export function mpm(
  prepared: Prepared,
  { lowBand: [, end], recoveryBand: [r1] }: MetricSettings,
): MetricValue {
  const { weakMean, strongMean } = prepared;
  if (strongMean <= weakMean) return none(NO_GAP);
  const scores = gridScores(prepared);
  const last = CALL_RATES.findLastIndex((rate) => rate <= end);
  const floor = scores[last] as number;
  const ceiling = weakMean + (strongMean - weakMean) * r1;
  return mean(
    scores.filter((score) => score > floor && score < ceiling),
    'no grid point lies between the low band and the recovery band',
  );
}

/**
 * High-band Call Rate: one minus the mean call rate of the grid points whose A lies in the recovery
 * band.
 */
export function hcr(prepared: Prepared, { recoveryBand: [r1, r2] }: MetricSettings): MetricValue {
  const { weakMean, strongMean } = prepared;
  if (strongMean <= weakMean) return none(NO_GAP);
  const scores = gridScores(prepared);
  const level = (recovery: number): number => weakMean + (strongMean - weakMean) * recovery;
  const rates = CALL_RATES.filter(
    (_, i) => (scores[i] as number) >= level(r1) && (scores[i] as number) <= level(r2),
  );
  const rate = mean(rates, 'no grid point lies in the recovery band');
  return rate.value === null ? rate : { value: 1 - rate.value };
}

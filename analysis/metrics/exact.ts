/**
 * The same ideas on the exact curve, linear between whole calls: a better ordering never gets a
 * worse value.
 */
import { meanOver, type Prepared } from './curve.js';
import { none, type MetricSettings, type MetricValue } from './types.js';

const NO_GAP = 'the strong model does not score above the weak one';

/** Mean of A over the low band of call rates. */
export const lpmExact = (prepared: Prepared, { lowBand }: MetricSettings): MetricValue => ({
  value: meanOver(prepared, lowBand),
});

/**
 * Mean of A over call rates from the end of the low band to r1, the rate at which a random router
 * recovers r1 of the gap.
 */
export function mpmExact(
  prepared: Prepared,
  { lowBand: [, end], recoveryBand: [r1] }: MetricSettings,
): MetricValue {
  if (prepared.strongMean <= prepared.weakMean) return none(NO_GAP);
  if (end >= r1) return none('the low band ends above the start of the recovery band');
  return { value: meanOver(prepared, [end, r1]) };
}

/**
 * One minus the mean, over recoveries r in [r1, r2], of the smallest call rate at which the running
 * maximum of A reaches
 * weak + r · (strong − weak).
 */
export function hcrExact(
  { curve, weakMean, strongMean }: Prepared,
  { recoveryBand: [r1, r2] }: MetricSettings,
): MetricValue {
  const gap = strongMean - weakMean;
  if (gap <= 0) return none(NO_GAP);
  const n = curve.length - 1;
  const [bottom, top] = [weakMean + r1 * gap, weakMean + r2 * gap];
  let reached = curve[0] as number;
  let area = 0; // of the call rate over the levels between bottom and top
  for (let k = 0; k < n && reached < top; k++) {
    const [a, b] = [curve[k] as number, curve[k + 1] as number];
    if (b <= reached) continue;
    const rateAt = (level: number): number => (k + (level - a) / (b - a)) / n;
    const [from, to] = [Math.max(reached, bottom), Math.min(b, top)];
    if (to > from) area += ((rateAt(from) + rateAt(to)) / 2) * (to - from);
    reached = b;
  }
  // rounding at the last call: the level is reached at call rate 1
  if (reached < top) area += top - Math.max(reached, bottom);
  return { value: 1 - area / (top - bottom) };
}

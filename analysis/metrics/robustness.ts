/**
 * Whether a router decides the same for other wordings of a query. Decisions are made by rank at a
 * fixed call rate, so they depend on no threshold.
 */
import { mean } from './mean.js';
import { ascending } from './order.js';
import { none, type MetricValue } from './types.js';

/**
 * Probability that each row goes to the strong model when round(callRate · n) rows do, the least
 * confident first: 1 below the cut, 0 above it. In the group of equal confidences that the cut
 * divides, it is the share of the group that goes. Rows without a confidence (NaN) are one group
 * below all numbers.
 */
export function decisionsAt(confidence: Float64Array, callRate: number): Float64Array {
  const n = confidence.length;
  const calls = Math.round(callRate * n);
  const order = ascending(confidence);
  const decisions = new Float64Array(n);
  const same = (a: number, b: number): boolean => a === b || (a !== a && b !== b);
  for (let from = 0, to = 0; from < calls; from = to) {
    const groupValue = confidence[order[from] as number] as number;
    while (to < n && same(confidence[order[to] as number] as number, groupValue)) to++;
    const share = Math.min(1, (calls - from) / (to - from));
    for (let position = from; position < to; position++)
      decisions[order[position] as number] = share;
  }
  return decisions;
}

/**
 * 1 − the share of decisions that change, mean |p − q|. Ties are broken at random, with the same
 * random number for all wordings of a query, so a router without any preference changes nothing.
 */
export function robustness(before: Float64Array, after: Float64Array): MetricValue {
  if (before.length === 0) return none('there are no queries');
  return { value: 1 - mean(before.map((p, i) => Math.abs(p - (after[i] as number)))) };
}

const bits = (p: number): number =>
  p <= 0 || p >= 1 ? 0 : -p * Math.log2(p) - (1 - p) * Math.log2(1 - p);

/**
 * Selection entropy, in bits: the information that decisions give about the query, H(mean p) − mean
 * H(p). At a call rate of c it is H(c) (1 bit at 50 %) where no decision is random, and 0 for a
 * router without any preference.
 */
export function selectionEntropy(decisions: Float64Array): MetricValue {
  if (decisions.length === 0) return none('there are no queries');
  const information = bits(mean(decisions)) - mean(decisions.map(bits));
  return { value: information < 1e-12 ? 0 : information };
}

/** Value → how often it occurs. Decisions have three values at most. */
function counts(values: Float64Array): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const value of values) found.set(value, (found.get(value) ?? 0) + 1);
  return found;
}

/**
 * Agreement of the decisions beyond chance agreement: 1 − the share that changes / the share that
 * would change if the wordings were assigned to queries at random. This is Cohen's kappa without
 * ties (Cohen, 1960), and with ties the weighted kappa for the distance |p − q| (Cohen, 1968). Null
 * where random assignment cannot change a decision.
 */
export function decisionKappa(before: Float64Array, after: Float64Array): MetricValue {
  const n = before.length;
  if (n === 0) return none('there are no queries');
  const others = counts(after);
  let expected = 0;
  for (const [p, times] of counts(before))
    for (const [q, against] of others) expected += (times * against * Math.abs(p - q)) / (n * n);
  if (expected < 1e-12) return none('the decisions do not depend on the query');
  return { value: 1 - mean(before.map((p, i) => Math.abs(p - (after[i] as number)))) / expected };
}

/**
 * Whether a router decides the same when a query is worded otherwise: by rank at a fixed call rate,
 * so that no threshold has a say.
 */
import { mean } from './mean.js';
import { ascending } from './order.js';
import { none, type MetricValue } from './types.js';

/**
 * The share of orders in which each row goes to the strong model when round(callRate · n) do, the
 * least confident first: 1 below the cut, 0 above it, and inside the
 * group of equal confidences that the cut divides the share of it that goes. Rows without a
 * confidence (NaN) are one group below all numbers.
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
 * 1 − the share of decisions that change, mean |p − q|: where a tie is broken by a coin, the same
 * coin decides for both wordings of a query, so a router without
 * any preference changes nothing.
 */
export function robustness(before: Float64Array, after: Float64Array): MetricValue {
  if (before.length === 0) return none('there are no queries');
  return { value: 1 - mean(before.map((p, i) => Math.abs(p - (after[i] as number)))) };
}

const bits = (p: number): number =>
  p <= 0 || p >= 1 ? 0 : -p * Math.log2(p) - (1 - p) * Math.log2(1 - p);

/**
 * Selection entropy, in bits: what the decisions tell of the query, H(mean p) − mean H(p). At a
 * call rate of c it is H(c), 1 bit at 50 %, where every decision is the
 * router's own, and 0 for a router that has no preference and leaves everything to the coin.
 */
export function selectionEntropy(decisions: Float64Array): MetricValue {
  if (decisions.length === 0) return none('there are no queries');
  const information = bits(mean(decisions)) - mean(decisions.map(bits));
  return { value: information < 1e-12 ? 0 : information };
}

/** Value → how often it is there. Decisions have three values at most. */
function counts(values: Float64Array): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const value of values) found.set(value, (found.get(value) ?? 0) + 1);
  return found;
}

/**
 * Agreement of the decisions beyond that of chance: 1 − the share that changes / the share that
 * would, were the wordings dealt out to other queries. Cohen's kappa where
 * there are no ties (Cohen, 1960), with the distance |p − q| as its weight where there are (Cohen,
 * 1968). Null where chance cannot change a decision.
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

/**
 * The weak model as a selective predictor that answers the queries it is surest of: risk is the
 * share of answers with label 0 among the k surest.
 * (El-Yaniv and Wiener, 2010; Geifman and El-Yaniv, 2017.) Ties: expectation over the orders inside
 * a group.
 */
import type { Prepared } from './curve.js';
import { none, type MetricValue } from './types.js';

/** Wrong answers among the k surest rows, k = 0 … n. */
function errorsKept({ rows: { label, n }, order, groupEnds }: Prepared): Float64Array {
  const errors = new Float64Array(n + 1);
  for (let group = groupEnds.length - 1; group >= 0; group--) {
    const [from, to] = [
      group === 0 ? 0 : (groupEnds[group - 1] as number),
      groupEnds[group] as number,
    ];
    let wrong = 0;
    for (let position = from; position < to; position++)
      wrong += 1 - (label[order[position] as number] as number);
    const before = errors[n - to] as number;
    for (let k = 1; k <= to - from; k++) errors[n - to + k] = before + (wrong * k) / (to - from);
  }
  return errors;
}

/** Mean risk over the coverages 1/n … n/n. */
export function aurc(prepared: Prepared): MetricValue {
  const errors = errorsKept(prepared);
  let sum = 0;
  for (let k = 1; k < errors.length; k++) sum += (errors[k] as number) / k;
  return { value: sum / (errors.length - 1) };
}

/**
 * The same above what the best order of these labels has (Geifman et al., 2019, with the exact
 * optimum instead of its approximation).
 */
export function excessAurc(prepared: Prepared): MetricValue {
  const n = prepared.rows.n;
  const right = prepared.rows.label.reduce((sum, label) => sum + label, 0);
  let best = 0;
  for (let k = right + 1; k <= n; k++) best += (k - right) / k;
  return { value: (aurc(prepared).value as number) - best / n };
}

/**
 * Share of right answers among the given share of rows that the router is surest of, linear between
 * whole rows.
 */
export const selectiveAccuracy =
  (coverage: number) =>
  (prepared: Prepared): MetricValue => {
    const kept = coverage * prepared.rows.n;
    if (kept < 1) return none('the coverage is less than one row');
    const errors = errorsKept(prepared);
    const k = Math.min(Math.floor(kept), errors.length - 2);
    const wrong =
      (errors[k] as number) + ((errors[k + 1] as number) - (errors[k] as number)) * (kept - k);
    return { value: 1 - wrong / kept };
  };

/** Non-inferiority: is a router no worse than it was, by more than a margin? */
import { holm } from '../statistics/holm.js';
import type { Comparison, Difference } from './compare.js';
import { signedDecimals } from '../util/decimals.js';

/**
 * pass: the interval lies above −margin. fail: worse by more than the margin beyond doubt.
 * inconclusive: the data allow both.
 */
export type Verdict = 'pass' | 'fail' | 'inconclusive';

/** One thing that was checked. */
export interface Check {
  readonly router: string;
  readonly column: string;
  readonly metric: string;
  readonly margin: number;
  readonly verdict: Verdict;
  /** The gain is beyond doubt. */
  readonly improved: boolean;
  /** In words. */
  readonly because: string;
  /** One-sided p value of "not worse by more than the margin", after Holm over all checks. */
  readonly p: number | null;
  readonly difference: Difference;
}

/** What the gate says. */
export interface GateResult {
  readonly verdict: Verdict;
  readonly checks: readonly Check[];
}

/**
 * Judges every difference that has a margin. Failing is a claim about any of them, so Holm over all
 * checks keeps the chance of a false alarm of the whole gate at most
 * 1 − level; passing is a claim about all of them at once and needs no correction. A metric that a
 * router no longer has, though it had it, fails.
 */
export function judge(
  { differences }: Pick<Comparison, 'differences'>,
  margins: Readonly<Record<string, { readonly margin: number }>>,
  columns: readonly string[],
  level: number,
): GateResult {
  const judged = differences.filter(
    ({ metric, column, before }) =>
      metric in margins && columns.includes(column) && before !== null,
  );
  const raw = judged.map((difference) =>
    difference.pNotWorse(margins[difference.metric]?.margin ?? 0),
  );
  const corrected = holm(raw.map((p) => p ?? 1));
  const checks = judged.map((difference, i): Check => {
    const { router, column, metric, higherIsBetter, ci, after, reason } = difference;
    const margin = margins[metric]?.margin ?? 0;
    const p = raw[i] === null ? null : (corrected[i] as number);
    const common = { router, column, metric, margin, p, difference };
    if (after === null)
      return {
        ...common,
        verdict: 'fail',
        improved: false,
        because: `it is gone (${reason ?? ''})`,
      };
    if (ci === undefined)
      return {
        ...common,
        verdict: 'inconclusive',
        improved: false,
        because: reason ?? 'no interval',
      };
    const [low, high] = higherIsBetter ? ci : [-ci[1], -ci[0]]; // of the gain
    const interval = `gain ${signedDecimals(low)} to ${signedDecimals(high)}`;
    if (low >= -margin)
      return {
        ...common,
        verdict: 'pass',
        improved: low > 0,
        because: low > 0 ? `better: ${interval}` : `not worse by more than ${margin}: ${interval}`,
      };
    if (high < -margin && p !== null && p <= 1 - level)
      return {
        ...common,
        verdict: 'fail',
        improved: false,
        because: `worse by more than ${margin}: ${interval}`,
      };
    return {
      ...common,
      verdict: 'inconclusive',
      improved: false,
      because: `${interval}, margin ${margin}: more queries are needed to tell`,
    };
  });
  const has = (verdict: Verdict): boolean => checks.some((check) => check.verdict === verdict);
  return {
    verdict: has('fail')
      ? 'fail'
      : has('inconclusive') || checks.length === 0
        ? 'inconclusive'
        : 'pass',
    checks,
  };
}

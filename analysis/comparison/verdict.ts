/** Tests for non-inferiority: did a router get worse by more than a margin? */
import { holm } from '../statistics/holm.js';
import type { Comparison, Difference } from './compare.js';
import { signedDecimals } from '../util/decimals.js';

/**
 * pass: the whole interval of the gain is at or above −margin. fail: significantly worse by more
 * than the margin. inconclusive: the data allow either.
 */
export type Verdict = 'pass' | 'fail' | 'inconclusive';

/** One thing that was checked. */
export interface Check {
  readonly router: string;
  readonly column: string;
  readonly metric: string;
  readonly margin: number;
  readonly verdict: Verdict;
  /** Whether the whole interval of the gain is above 0. */
  readonly improved: boolean;
  /** The reason for the verdict, for people. */
  readonly because: string;
  /**
   * One-sided p value of "not worse by more than the margin", with Holm's correction over all
   * checks.
   */
  readonly p: number | null;
  readonly difference: Difference;
}

/** The verdict of the gate, with its checks. */
export interface GateResult {
  readonly verdict: Verdict;
  readonly checks: readonly Check[];
}

/** A difference with its margin, and its p value after Holm's correction. */
interface MarginTest {
  readonly difference: Difference;
  readonly margin: number;
  readonly p: number | null;
}

/** Judges one difference. */
function judgeDifference({ difference, margin, p }: MarginTest, level: number): Check {
  const { router, column, metric, higherIsBetter, ci, after, reason } = difference;
  const decide = (verdict: Verdict, because: string, improved = false): Check => ({
    router,
    column,
    metric,
    margin,
    p,
    difference,
    verdict,
    improved,
    because,
  });
  if (after === null) return decide('fail', `it is gone (${reason ?? ''})`);
  if (ci === undefined) return decide('inconclusive', reason ?? 'no interval');
  const [lowGain, highGain] = higherIsBetter ? ci : [-ci[1], -ci[0]];
  const interval = `gain ${signedDecimals(lowGain)} to ${signedDecimals(highGain)}`;
  if (lowGain >= -margin) {
    return lowGain > 0
      ? decide('pass', `better: ${interval}`, true)
      : decide('pass', `not worse by more than ${margin}: ${interval}`);
  }
  if (highGain < -margin && p !== null && p <= 1 - level)
    return decide('fail', `worse by more than ${margin}: ${interval}`);
  return decide('inconclusive', `${interval}, margin ${margin}: more queries are needed to tell`);
}

/** The verdict of the gate: it passes only where there are checks and all of them pass. */
function combineVerdicts(checks: readonly Check[]): Verdict {
  if (checks.some(({ verdict }) => verdict === 'fail')) return 'fail';
  const passed = checks.length > 0 && checks.every(({ verdict }) => verdict === 'pass');
  return passed ? 'pass' : 'inconclusive';
}

/**
 * Judges every difference that has a margin. A failure claims that any router got worse, so Holm's
 * correction over all checks keeps the probability of a false alarm of the whole gate at most
 * 1 − level. A pass claims that no router got worse and needs no correction. A metric that a router
 * had in the baseline and has no longer fails.
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
  const getMargin = ({ metric }: Difference): number => margins[metric]?.margin ?? 0;
  const raw = judged.map((difference) => difference.pNotWorse(getMargin(difference)));
  const corrected = holm(raw.map((p) => p ?? 1));
  const checks = judged.map((difference, i) =>
    judgeDifference(
      {
        difference,
        margin: getMargin(difference),
        p: raw[i] === null ? null : (corrected[i] as number),
      },
      level,
    ),
  );
  return { verdict: combineVerdicts(checks), checks };
}

/**
 * Which ranks of a leaderboard are significant: paired tests of all pairs, with Holm's correction
 * over all of them.
 */
import { holm } from './holm.js';
import { normalQuantile } from './normal.js';
import { interval, pDifferent } from './spread.js';

/**
 * A router's headline metric. Larger is better: negate a metric where smaller is better.
 * `resamples` is null where there are none.
 */
export interface Contender {
  readonly value: number;
  readonly resamples: Float32Array | Float64Array | null;
  /** Independent queries of the rarer label, the fewest of its sets. */
  readonly rarerLabel: number;
  /** Contenders of one class are also ranked among themselves; left out = one class. */
  readonly class?: string | undefined;
}

/** The lowest and the highest rank that the data allow, 1 = best. */
export type RankRange = readonly [best: number, worst: number];

/** The results of the pairwise tests. */
export interface Ranking {
  readonly ranges: readonly RankRange[];
  /** The same among the contenders of one class: tests against other classes are left out. */
  readonly withinClass: readonly RankRange[];
  /**
   * The smallest true difference that a two-sided test at 1 − level would find in 80 of 100
   * repetitions, for the median pair; null where no pair was tested.
   */
  readonly detectableGap: number | null;
  /** Pairs tested. */
  readonly pairs: number;
}

/** Statistical power of the detectable gap. */
const POWER = 0.8;

function difference(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  const gaps = new Float64Array(a.length);
  for (let i = 0; i < gaps.length; i++) gaps[i] = (a[i] as number) - (b[i] as number);
  return gaps;
}

interface Test {
  readonly better: number;
  readonly worse: number;
  readonly p: number;
}

/** The ranks that significant tests leave open, for each contender among those of its group. */
const collectRanges = (
  groups: readonly (string | undefined)[],
  significant: readonly Test[],
): readonly RankRange[] =>
  groups.map((group, i): RankRange => [
    1 + significant.filter(({ better, worse }) => worse === i && groups[better] === group).length,
    groups.filter((other) => other === group).length -
      significant.filter(({ better, worse }) => better === i && groups[worse] === group).length,
  ]);

/** Tests all pairs. A pair without resamples is never significantly different. */
export function rankRanges(contenders: readonly Contender[], level: number): Ranking {
  const tests: Test[] = [];
  const errors: number[] = [];
  contenders.forEach((a, i) => {
    contenders.forEach((b, j) => {
      if (j <= i || a.resamples === null || b.resamples === null) return;
      const gap = a.value - b.value;
      const tested = {
        value: gap,
        resamples: difference(a.resamples, b.resamples),
        rarerLabel: Math.min(a.rarerLabel, b.rarerLabel),
      };
      const p = pDifferent(tested);
      const around = interval(tested, level);
      if (p === null || 'reason' in around) return;
      tests.push(gap >= 0 ? { better: i, worse: j, p } : { better: j, worse: i, p });
      errors.push(around.error);
    });
  });
  const adjusted = holm(tests.map(({ p }) => p));
  const significant = tests.filter((_, i) => (adjusted[i] as number) <= 1 - level);
  errors.sort((a, b) => a - b);
  const median = errors[Math.floor(errors.length / 2)];
  return {
    ranges: collectRanges(
      contenders.map(() => undefined),
      significant,
    ),
    withinClass: collectRanges(
      contenders.map((contender) => contender.class),
      significant,
    ),
    detectableGap:
      median === undefined
        ? null
        : median * (normalQuantile((1 - level) / 2) + normalQuantile(1 - POWER)),
    pairs: tests.length,
  };
}

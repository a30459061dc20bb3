/** Which ranks of a board are settled: pairwise paired tests, Holm over all of them. */
import { holm } from './holm.js';
import { normalQuantile } from './normal.js';
import { pDifferent, spread } from './spread.js';

/**
 * A router's headline: larger is better, so negate where smaller is. `resamples` is null where
 * there are none.
 */
export interface Contender {
  readonly value: number;
  readonly resamples: Float32Array | Float64Array | null;
}

/** The lowest and the highest rank that the data allow, 1 = best. */
export type RankRange = readonly [best: number, worst: number];

/** What the pairwise tests say. */
export interface Ranking {
  readonly ranges: readonly RankRange[];
  /**
   * The smallest true difference that a two-sided test at 1 − level would find in 80 of 100
   * repetitions, at the median pair; null where none can be told.
   */
  readonly detectableGap: number | null;
  /** Pairs tested. */
  readonly pairs: number;
}

const POWER = 0.8;

const difference = (a: ArrayLike<number>, b: ArrayLike<number>): Float64Array =>
  Float64Array.from(a, (value, i) => value - (b[i] as number));

/** Tests all pairs. A pair without resamples is never told apart. */
export function rankRanges(contenders: readonly Contender[], level: number): Ranking {
  const tests: { readonly better: number; readonly worse: number; readonly p: number }[] = [];
  const errors: number[] = [];
  contenders.forEach((a, i) => {
    contenders.forEach((b, j) => {
      if (j <= i || a.resamples === null || b.resamples === null) return;
      const gaps = difference(a.resamples, b.resamples);
      const gap = a.value - b.value;
      const p = pDifferent(gap, gaps);
      if (p === null) return;
      tests.push(gap >= 0 ? { better: i, worse: j, p } : { better: j, worse: i, p });
      const around = spread(gaps, level);
      if ('error' in around) errors.push(around.error);
    });
  });
  const adjusted = holm(tests.map(({ p }) => p));
  const settled = tests.filter((_, i) => (adjusted[i] as number) <= 1 - level);
  errors.sort((a, b) => a - b);
  const median = errors[Math.floor(errors.length / 2)];
  return {
    ranges: contenders.map((_, i): RankRange => [
      1 + settled.filter(({ worse }) => worse === i).length,
      contenders.length - settled.filter(({ better }) => better === i).length,
    ]),
    detectableGap:
      median === undefined
        ? null
        : median * (normalQuantile((1 - level) / 2) + normalQuantile(1 - POWER)),
    pairs: tests.length,
  };
}

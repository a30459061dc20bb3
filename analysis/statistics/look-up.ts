/**
 * Detects routers that behave as a table of known texts: they distinguish the original queries, and
 * know next to nothing about other wordings of them.
 */
import { delong } from './delong.js';
import { normalTail } from './normal.js';

/**
 * Confidences on the original queries and on other wordings of them, one training seed; NaN = none.
 */
export interface WordedConfidences {
  readonly before: Float64Array;
  readonly after: Float64Array;
}

/** One-sided significance level of both tests. */
const SIGNIFICANCE = 0.001;
/** A router has lost its knowledge where it keeps less than this share of it. */
const KEPT = 0.5;
/** With fewer queries there is no verdict. */
const FEWEST_QUERIES = 20;
/** Selection entropy, in bits, below which a router did not distinguish the original queries. */
const LEAST_BITS = 0.1;
/** Share of that entropy below which a router has no preference among the other wordings. */
const NO_PREFERENCE = 0.05;

/**
 * Whether a router significantly keeps less than half of its AUROC above 0.5 on other wordings. Two
 * tests with DeLong's covariance must both be significant: that the AUROC was above 0.5, and that
 * so little is left. Several training seeds are averaged, their covariances too, which is
 * conservative. False where there are too few labels.
 */
export function losesKnowledge(label: Uint8Array, seeds: readonly WordedConfidences[]): boolean {
  const parts = seeds.map(({ before, after }) => delong(label, [before, after]));
  let [known, knownVariance, left, leftVariance] = [0, 0, 0, 0];
  for (const part of parts) {
    if (part === null || label.length < FEWEST_QUERIES) return false;
    const [before, after] = part.aurocs as readonly [number, number];
    const [[vBefore, covariance], [, vAfter]] = part.covariance as readonly [
      readonly [number, number],
      readonly [number, number],
    ];
    known += (before - 0.5) / parts.length;
    knownVariance += vBefore / parts.length;
    left += (after - 0.5 - KEPT * (before - 0.5)) / parts.length;
    leftVariance += (vAfter + KEPT * KEPT * vBefore - 2 * KEPT * covariance) / parts.length;
  }
  const isSignificant = (distance: number, variance: number): boolean =>
    distance > 0 && (variance <= 0 || normalTail(distance / Math.sqrt(variance)) < SIGNIFICANCE);
  return (
    seeds.length > 0 && isSignificant(known, knownVariance) && isSignificant(-left, leftVariance)
  );
}

/**
 * Whether decisions distinguish the original queries but not other wordings of them, as those of a
 * table without an entry for a text. `before` and `after` are selection entropies in bits.
 */
export const hasNoPreference = (
  queries: number,
  before: number | null,
  after: number | null,
): boolean =>
  queries >= FEWEST_QUERIES &&
  before !== null &&
  after !== null &&
  before >= LEAST_BITS &&
  after <= NO_PREFERENCE * before;

/**
 * Whether a router behaves as a table of known texts: it tells queries apart as they are, and knows
 * next to nothing of other wordings.
 */
import { delong } from './delong.js';
import { normalTail } from './normal.js';

/**
 * Confidences on queries as they are and on other wordings of them, one training seed; NaN = none.
 */
export interface WordedConfidences {
  readonly before: Float64Array;
  readonly after: Float64Array;
}

/** What is surely known counts at a one-sided level of 0.001. */
const SURE = 0.001;
/** A table has lost its knowledge where less than this share of it is kept. */
const KEPT = 0.5;
/** Queries below which nothing is said. */
const FEWEST = 20;
/** Bits of decisions below which a router did not tell the queries apart. */
const LEAST_BITS = 0.1;
/** Share of those bits below which it has no preference among the other wordings. */
const NO_PREFERENCE = 0.05;

/**
 * Whether less than half of the AUROC above one half is kept on other wordings, beyond doubt: both
 * that there was any and that so little is left are tested with DeLong's
 * covariance. Several training seeds are averaged, their covariances too, which is never too sure.
 * False where labels are too few to tell.
 */
export function losesKnowledge(label: Uint8Array, seeds: readonly WordedConfidences[]): boolean {
  const parts = seeds.map(({ before, after }) => delong(label, [before, after]));
  let [known, knownVariance, left, leftVariance] = [0, 0, 0, 0];
  for (const part of parts) {
    if (part === null || label.length < FEWEST) return false;
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
  const sure = (distance: number, variance: number): boolean =>
    distance > 0 && (variance <= 0 || normalTail(distance / Math.sqrt(variance)) < SURE);
  return seeds.length > 0 && sure(known, knownVariance) && sure(-left, leftVariance);
}

/**
 * Whether decisions told queries apart as they are, and say nothing of other wordings: all that a
 * table can do that has no entry for a text. In bits of selection entropy.
 */
export const hasNoPreference = (
  queries: number,
  before: number | null,
  after: number | null,
): boolean =>
  queries >= FEWEST &&
  before !== null &&
  after !== null &&
  before >= LEAST_BITS &&
  after <= NO_PREFERENCE * before;

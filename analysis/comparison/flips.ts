/** The queries that the baseline and the candidate send to different models at one call rate. */
import { mcnemar } from '../statistics/mcnemar.js';
import { wilson } from '../statistics/wilson.js';
import type { PairedRows } from './pairs.js';

/** A query that the candidate sends to another model than the baseline does. */
export interface Flip {
  readonly id: string;
  readonly from: 'weak' | 'strong';
  /** Grade with the candidate minus grade with the baseline, grades in [0, 1]. */
  readonly change: number;
}

/** Flips of one router on one set, with the first training seed. */
export interface Flips {
  readonly router: string;
  readonly dataset: string;
  readonly callRate: number;
  readonly rows: number;
  readonly flipped: number;
  /** Queries whose grade rose, and queries whose grade fell. */
  readonly better: number;
  readonly worse: number;
  /**
   * Where grades are 0 or 1: share of right answers before and after with Wilson's interval, and
   * McNemar's mid-p value.
   */
  readonly accuracy?: { readonly before: Rate; readonly after: Rate; readonly p: number };
  /** Those with the largest changes first. */
  readonly queries: readonly Flip[];
}

interface Rate {
  readonly value: number;
  readonly ci: readonly [number, number];
}

/**
 * Whether each row goes to the strong model at a call rate: the least confident rows first, equal
 * confidences in the order of the rows.
 */
function escalated(confidence: Float64Array, callRate: number): Uint8Array {
  const keys = confidence.map((value) => (Number.isNaN(value) ? -Infinity : value));
  const order = Array.from(keys.keys()).sort((a, b) => {
    const [first, second] = [keys[a] as number, keys[b] as number];
    if (first === second) return a - b;
    return first < second ? -1 : 1;
  });
  const sent = new Uint8Array(confidence.length);
  for (const row of order.slice(0, Math.round(callRate * confidence.length))) sent[row] = 1;
  return sent;
}

/** Compares the decisions; at most `most` queries are listed. */
export function findFlips(
  router: string,
  dataset: string,
  { ids, shared: { n, weak, strong }, before, after }: PairedRows,
  callRate: number,
  most: number,
): Flips {
  const [a, b] = [before, after].map((lists) => escalated(lists[0] as Float64Array, callRate)) as [
    Uint8Array,
    Uint8Array,
  ];
  const grade = (sent: Uint8Array, row: number): number =>
    (sent[row] === 1 ? strong[row] : weak[row]) as number;
  const flips: Flip[] = [];
  let [rightBefore, rightAfter, better, worse] = [0, 0, 0, 0];
  for (let row = 0; row < n; row++) {
    const change = grade(b, row) - grade(a, row);
    rightBefore += grade(a, row);
    rightAfter += grade(b, row);
    if (change > 0) better++;
    if (change < 0) worse++;
    if (a[row] !== b[row])
      flips.push({ id: ids[row] as string, from: a[row] === 1 ? 'strong' : 'weak', change });
  }
  const binary = [...weak, ...strong].every((value) => value === 0 || value === 1);
  const rate = (right: number): Rate => ({ value: right / n, ci: wilson(right, n) });
  return {
    router,
    dataset,
    callRate,
    rows: n,
    flipped: flips.length,
    better,
    worse,
    ...(binary && n > 0
      ? {
          accuracy: {
            before: rate(rightBefore),
            after: rate(rightAfter),
            p: mcnemar(worse, better),
          },
        }
      : {}),
    queries: flips
      .sort(
        (x, y) =>
          Math.abs(y.change) - Math.abs(x.change) || x.change - y.change || (x.id < y.id ? -1 : 1),
      )
      .slice(0, most),
  };
}

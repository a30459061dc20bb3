/**
 * Area, gap recovered and calls needed as RouteLLM computes them (Ong et al., 2024;
 * lm-sys/RouteLLM): on the points (0, weak), (1, strong) and, for
 * j = 1 … 9, the share and the score when all queries are escalated whose −confidence reaches its
 * linear j/10 quantile.
 */
import type { Prepared } from './curve.js';
import { scoreAt } from './curve.js';
import { none, type MetricValue } from './types.js';

const NO_GAP = 'the strong model does not score above the weak one';

type Point = readonly [callRate: number, score: number];

/** The eleven points, by call rate. A null confidence is escalated at every threshold. */
export function routeLlmPoints({
  rows: { confidence, n },
  order,
  groupEnds,
  curve,
  weakMean,
  strongMean,
}: Prepared): readonly Point[] {
  const points: Point[] = [
    [0, weakMean],
    [1, strongMean],
  ];
  for (let j = 1; j <= 9; j++) {
    // The j/10 quantile of −confidence is minus the (1 − j/10) quantile of confidence.
    const position = (n - 1) * (1 - j / 10);
    const key = (position: number): number => {
      const value = confidence[order[position] as number] as number;
      return Number.isNaN(value) ? -Infinity : value;
    };
    const [low, high] = [key(Math.floor(position)), key(Math.min(n - 1, Math.floor(position) + 1))];
    const threshold =
      low === -Infinity || low === high
        ? low
        : low + (high - low) * (position - Math.floor(position));
    let [from, to] = [0, groupEnds.length]; // number of whole groups at or below the threshold
    while (from < to) {
      const middle = (from + to) >> 1;
      if (key((groupEnds[middle] as number) - 1) <= threshold) from = middle + 1;
      else to = middle;
    }
    const calls = from === 0 ? 0 : (groupEnds[from - 1] as number);
    points.push([calls / n, curve[calls] as number]);
  }
  return points.sort(([x, a], [y, b]) => x - y || a - b);
}

const area = (points: readonly Point[]): number =>
  points.reduce((sum, [x, y], i) => {
    const [px, py] = points[i - 1] ?? [x, y];
    return sum + ((y + py) / 2) * (x - px);
  }, 0);

/** Area under the points. */
export const auc = (prepared: Prepared): MetricValue => ({ value: area(routeLlmPoints(prepared)) });

/** Average performance gap recovered: (area − weak) / (strong − weak). */
export function apgr(prepared: Prepared): MetricValue {
  const { weakMean, strongMean } = prepared;
  if (strongMean <= weakMean) return none(NO_GAP);
  return { value: (area(routeLlmPoints(prepared)) - weakMean) / (strongMean - weakMean) };
}

/** The same on the exact curve. */
export function apgrExact({ curve, weakMean, strongMean }: Prepared): MetricValue {
  if (strongMean <= weakMean) return none(NO_GAP);
  let sum = 0;
  for (let k = 1; k < curve.length; k++)
    sum += ((curve[k - 1] as number) + (curve[k] as number)) / 2 - weakMean;
  return { value: sum / (curve.length - 1) / (strongMean - weakMean) };
}

/** Performance gap recovered at one call rate, on the exact curve. */
export const pgr =
  (callRate: number) =>
  (prepared: Prepared): MetricValue => {
    const { weakMean, strongMean } = prepared;
    return strongMean <= weakMean
      ? none(NO_GAP)
      : { value: (scoreAt(prepared, callRate) - weakMean) / (strongMean - weakMean) };
  };

/**
 * Call percentage at which the points first reach weak + share · (strong − weak), linear between
 * points.
 */
export const cpt =
  (share: number) =>
  (prepared: Prepared): MetricValue => {
    const { weakMean, strongMean } = prepared;
    if (strongMean <= weakMean) return none(NO_GAP);
    const level = weakMean + share * (strongMean - weakMean);
    const points = routeLlmPoints(prepared);
    for (const [i, [x, y]] of points.entries()) {
      const [px, py] = points[i - 1] ?? [x, y];
      if (y >= level)
        return { value: 100 * (y === py ? x : px + ((level - py) / (y - py)) * (x - px)) };
    }
    return { value: 100 };
  };

/** What the interval of a number stands on: the independent queries of each label. */
import type { SharedRows } from './shared-rows.js';
import { countText } from '../util/count-text.js';

/** Independent queries: rows, or clusters where a set names some. */
export interface Support {
  readonly queries: number;
  /** Those with a row of label 0, and those with a row of label 1. */
  readonly labels: readonly [zero: number, one: number];
}

/** With fewer independent queries there is no interval: it would be too narrow. */
const FEWEST_CLUSTERS = 30;
/**
 * The same for the queries of each label. With fewer of one, neither its share nor the variance of
 * what is computed from it is known well enough: at 5 of 200, tests at 5 % find differences between
 * equal routers in 30 % of the cases. A test measures this floor.
 */
const FEWEST_OF_A_LABEL = 20;

/** Counts the independent queries of a set. */
export function countSupport({ n, label, cluster, clusters }: SharedRows): Support {
  const found = [new Uint8Array(clusters), new Uint8Array(clusters)] as const;
  for (let row = 0; row < n; row++) found[label[row] === 1 ? 1 : 0][cluster[row] as number] = 1;
  const count = (flags: Uint8Array): number => flags.reduce((sum, flag) => sum + flag, 0);
  return { queries: clusters, labels: [count(found[0]), count(found[1])] };
}

/** Queries of the label that fewer have. */
export const countRarerLabel = ({ labels }: Support): number => Math.min(...labels);

/** Why there are no intervals, ranks or verdicts on a set; null where there may be. */
export function findLack(support: Support): string | null {
  if (support.queries < FEWEST_CLUSTERS) return `fewer than ${FEWEST_CLUSTERS} independent queries`;
  const rarer = countRarerLabel(support);
  if (rarer >= FEWEST_OF_A_LABEL) return null;
  const label = support.labels.indexOf(rarer);
  const queries = countText(rarer, 'independent query', 'independent queries');
  return `only ${queries} with label ${label}, fewer than ${FEWEST_OF_A_LABEL}`;
}

import type { MetricCurve } from './types.js';

/**
 * Area under the ROC curve of confidence against label: Mann-Whitney with midranks. NaN where there
 * is one class only.
 */
export function auroc({ count, rights, groups, rows, right }: MetricCurve): number {
  let wins = 0;
  let below = 0; // rows with label 0 below this group
  for (let g = 0; g < groups; g++) {
    const positives = (rights[g + 1] as number) - (rights[g] as number);
    const negatives = (count[g + 1] as number) - (count[g] as number) - positives;
    wins += positives * (below + negatives / 2);
    below += negatives;
  }
  return right === 0 || right === rows ? NaN : wins / (right * (rows - right));
}

/** Why there is no such area. */
export const oneClass = ({ right }: MetricCurve): string => `all labels are ${right === 0 ? 0 : 1}`;

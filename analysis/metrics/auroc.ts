import type { MetricCurve } from './types.js';

/**
 * Area under the ROC curve of confidence against label: Mann-Whitney with midranks. NaN where all
 * labels are equal.
 */
export function auroc({ count, rights, groups, rows, right }: MetricCurve): number {
  let doubled = 0; // twice the number of pairs in order, ties counted half
  let rightBelow = 0; // rows with label 1 below this group, and with label 0
  let wrongBelow = 0;
  for (let g = 1; g <= groups; g++) {
    const rightUpTo = rights[g] as number;
    const wrongUpTo = (count[g] as number) - rightUpTo;
    doubled += (rightUpTo - rightBelow) * (wrongBelow + wrongUpTo);
    rightBelow = rightUpTo;
    wrongBelow = wrongUpTo;
  }
  return right === 0 || right === rows ? NaN : doubled / 2 / (right * (rows - right));
}

/** Why there is no AUROC. */
export const oneClass = ({ right }: MetricCurve): string => `all labels are ${right === 0 ? 0 : 1}`;

import type { Prepared } from './curve.js';
import { none, type MetricValue } from './types.js';

/**
 * Area under the ROC curve of confidence against label: Mann-Whitney with midranks. Null where
 * there is one class only.
 */
export function auroc({ rows: { label, n }, order, groupEnds }: Prepared): MetricValue {
  let [below, wins, positives] = [0, 0, 0];
  let from = 0;
  for (const to of groupEnds) {
    let inGroup = 0;
    for (let position = from; position < to; position++)
      inGroup += label[order[position] as number] as number;
    const negatives = to - from - inGroup;
    wins += inGroup * (below + negatives / 2);
    positives += inGroup;
    below += negatives;
    from = to;
  }
  if (positives === 0 || positives === n) return none(`all labels are ${positives === 0 ? 0 : 1}`);
  return { value: wins / (positives * (n - positives)) };
}

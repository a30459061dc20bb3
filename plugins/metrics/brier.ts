import { metric, type MetricCurve } from '../../core/index.js';
import { CurveMetric, groupsWithoutConfidence } from '../../analysis/index.js';

/** Brier score, over the rows with a confidence. */
@metric({
  name: 'brier',
  summary: 'Mean squared distance of probability and label',
  better: 'lower',
  range: [0, 1],
  needs: 'probabilities',
  order: 160,
  formula: 'mean of (p − y)², p = 1 / (1 + e^−f)',
  source: 'Brier, 1950',
})
export class Brier extends CurveMetric {
  override resample(curve: MetricCurve): number {
    const { count, rights, groups, rows } = curve;
    const probabilities = curve.probabilities();
    const first = groupsWithoutConfidence(curve);
    let squares = 0;
    let rowsBefore = count[first] as number;
    let rightBefore = rights[first] as number;
    for (let g = first; g < groups; g++) {
      const rowsAfter = count[g + 1] as number;
      const rightAfter = rights[g + 1] as number;
      const p = probabilities[g] as number;
      squares += (rowsAfter - rowsBefore) * p * p + (rightAfter - rightBefore) * (1 - 2 * p);
      rowsBefore = rowsAfter;
      rightBefore = rightAfter;
    }
    return squares / (rows - (count[first] as number)); // no confidence at all: 0 / 0
  }

  override reason(): string {
    return 'no row has a confidence';
  }
}

import { metric, type MetricCurve } from '../../core/index.js';
import { calibration, CurveMetric } from '../../analysis/index.js';

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
    const { squares, rows } = calibration(curve);
    return squares / rows; // no confidence at all: 0 / 0
  }

  override reason(): string {
    return 'no row has a confidence';
  }
}

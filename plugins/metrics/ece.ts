import { metric, type MetricCurve } from '../../core/index.js';
import { BINS, calibration, CurveMetric } from '../../analysis/index.js';

/** Expected calibration error, over the rows with a confidence. */
@metric({
  name: 'ece',
  summary: 'Expected calibration error, 15 bins of equal mass',
  better: 'lower',
  range: [0, 1],
  needs: 'probabilities',
  order: 170,
  noInterval: 'resamples of it are biased: they are further from calibration than the rows',
  formula: 'mean over the bins of |mean p − share of y = 1|',
  source: 'Naeini et al., 2015; bins of equal mass as in Nixon et al., 2019',
})
export class Ece extends CurveMetric {
  override resample(curve: MetricCurve): number {
    const { sums, rows } = calibration(curve);
    let distance = 0;
    for (let bin = 0; bin < BINS; bin++)
      distance += Math.abs((sums[2 * bin] as number) - (sums[2 * bin + 1] as number));
    return distance / rows; // no confidence at all: 0 / 0
  }

  override reason(): string {
    return 'no row has a confidence';
  }
}

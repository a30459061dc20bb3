import { metric, type MetricCurve } from '../../core/index.js';
import { addedCost, CurveMetric } from '../../analysis/index.js';
import { AverageQuality } from './_cost/average-quality.js';

const quality = (
  { groups, count }: MetricCurve,
  before: AverageQuality | undefined,
): AverageQuality =>
  before !== undefined && before.most > groups ? before : new AverageQuality(count.length);

/** Average improvement in quality. */
@metric({
  name: 'aiq',
  summary:
    'Mean score over the range of costs, under the convex hull of cost and score (RouterBench)',
  better: 'higher',
  range: [0, 1],
  needs: 'costs',
  order: 230,
  formula: 'area under the non-decreasing convex hull of (mean cost, A) / range of costs',
  source: 'RouterBench, Hu et al., 2024',
})
export class Aiq extends CurveMetric {
  override resample(curve: MetricCurve): number {
    const { gained, groups, rows, weakMean } = curve;
    const rising = curve.least(addedCost) >= 0;
    const height = curve.once(quality).compute(curve.sums(addedCost), gained, groups + 1, rising);
    return weakMean + height / rows;
  }

  override reason(): string {
    return 'both models cost the same, so there is no range of costs';
  }
}

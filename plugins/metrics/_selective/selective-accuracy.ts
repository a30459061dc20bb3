import type { MetricCurve } from '../../../core/index.js';
import { CurveMetric } from '../../../analysis/index.js';

/**
 * Share of right answers among the given share of rows that the router is surest of, linear between
 * whole rows.
 */
export abstract class SelectiveAccuracy extends CurveMetric {
  protected abstract readonly coverage: number;

  override resample(curve: MetricCurve): number {
    const { rows, right, rights } = curve;
    const surest = this.coverage * rows;
    if (surest < 1) return NaN;
    return (right - curve.between(rights, rows - surest)) / surest;
  }

  override reason(): string {
    return 'the coverage is less than one row';
  }
}

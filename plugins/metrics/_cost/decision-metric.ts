import type { Decisions, MetricCurve, MetricValue } from '../../../core/index.js';
import { CurveMetric, decideAt } from '../../../analysis/index.js';

/**
 * Decisions are judged where this share of the queries goes to the strong model: chosen without
 * looking at any grade.
 */
const CALL_RATE = 0.5;

const decide = (curve: MetricCurve): Decisions => decideAt(curve, CALL_RATE);

/** A metric of what decisions cost and amount to, at a call rate of 50 %. */
export abstract class DecisionMetric extends CurveMetric {
  abstract decided(decisions: Decisions): MetricValue;

  override resample(curve: MetricCurve): number {
    return this.decided(curve.once(decide)).value ?? NaN;
  }

  override reason(curve: MetricCurve): string {
    const decided = this.decided(curve.once(decide));
    return decided.value === null ? decided.reason : '';
  }
}

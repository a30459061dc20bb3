/**
 * The points that RouteLLM draws (Ong et al., 2024; lm-sys/RouteLLM): (0, weak), (1, strong) and,
 * for j = 1 … 9, the share and the score when all queries are escalated whose −confidence reaches
 * its linear j/10 quantile. A missing confidence is escalated at every threshold.
 */
import type { MetricCurve } from '../../../core/index.js';

/** Eleven points by call rate, and the area under them. */
export interface RouteLlmPoints {
  readonly callRate: Float64Array;
  readonly score: Float64Array;
  area: number;
}

function computePoints(
  curve: MetricCurve,
  before: RouteLlmPoints = {
    callRate: new Float64Array(11),
    score: new Float64Array(11),
    area: NaN,
  },
): RouteLlmPoints {
  const { count, gained, rows, weakMean, strongMean } = curve;
  const { callRate, score } = before;
  callRate[0] = 0;
  score[0] = weakMean;
  callRate[10] = 1;
  score[10] = strongMean;
  for (let j = 9; j >= 1; j--) {
    // The j/10 quantile of −confidence is minus the (1 − j/10) quantile of confidence.
    const position = (rows - 1) * (1 - j / 10);
    const below = Math.floor(position);
    const lowGroup = curve.findGroup(below + 1);
    const highGroup = curve.findGroup(Math.min(rows, below + 2));
    const low = curve.confidenceAt(lowGroup);
    const high = curve.confidenceAt(highGroup);
    const threshold =
      low === -Infinity || low === high ? low : low + (high - low) * (position - below);
    const group = threshold >= high ? highGroup : lowGroup;
    callRate[10 - j] = (count[group + 1] as number) / rows;
    score[10 - j] = weakMean + (gained[group + 1] as number) / rows;
  }
  let area = 0;
  for (let i = 1; i <= 10; i++)
    area +=
      (((score[i] as number) + (score[i - 1] as number)) / 2) *
      ((callRate[i] as number) - (callRate[i - 1] as number));
  before.area = area;
  return before;
}

/** The points of a curve. */
export const routeLlmPoints = (curve: MetricCurve): RouteLlmPoints => curve.once(computePoints);

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

/**
 * The most confident group that is escalated at threshold j. The threshold is computed in the order
 * of operations of pandas.qcut and numpy.percentile, on −confidence: a quantile that falls on a row
 * is then rounded to the same side of it, so that the row is escalated by both or by neither.
 */
function findLastEscalated(curve: MetricCurve, j: number): number {
  const { rows } = curve;
  const position = (rows - 1) * ((j * 0.1 * 100) / 100);
  const below = Math.floor(position);
  const share = position - below;
  // row k of the least confident is row rows − 1 − k by −confidence
  const lowGroup = curve.findGroup(rows - below);
  const highGroup = curve.findGroup(Math.max(1, rows - below - 1));
  const low = -curve.confidenceAt(lowGroup);
  const high = -curve.confidenceAt(highGroup);
  if (low === high || (high === Infinity && share === 0)) return lowGroup;
  const step = high - low;
  const threshold = share < 0.5 ? low + step * share : high - step * (1 - share);
  return threshold <= low ? lowGroup : highGroup;
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
    const [group, share] = [findLastEscalated(curve, j), 10 - j];
    callRate[share] = (count[group + 1] as number) / rows;
    score[share] = weakMean + (gained[group + 1] as number) / rows;
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

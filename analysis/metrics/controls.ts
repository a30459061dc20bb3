/** Reference points made from the grades alone: never plugins, never ranked. */
import { knownCosts } from './costs.js';
import { buildCurve, curvePoints } from './curve.js';
import { decideAlways, decideBest } from './decisions.js';
import { applicableMetrics, measure, type LoadedMetric } from './measure.js';
import {
  none,
  type Decisions,
  type MetricCurve,
  type MetricSettings,
  type MetricValue,
  type ScoredRows,
} from './types.js';
import { mean } from './mean.js';

/** Names of the controls. */
export const CONTROLS = ['random', 'always-weak', 'always-strong', 'oracle'] as const;

/** Name of a control. */
export type Control = (typeof CONTROLS)[number];

/**
 * Confidence of the oracle: rank of each row by weak minus strong grade, then by the weak grade.
 * Equal rows share a rank.
 */
function oracleConfidence({ n, weak, strong }: ScoredRows): Float64Array {
  const keep = (i: number): number => (weak[i] as number) - (strong[i] as number);
  const compare = (a: number, b: number): number =>
    keep(a) - keep(b) || (weak[a] as number) - (weak[b] as number);
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort(compare);
  const confidence = new Float64Array(n);
  let rank = 0;
  order.forEach((row, position) => {
    if (position > 0 && compare(order[position - 1] as number, row) !== 0) rank = position;
    confidence[row] = rank;
  });
  return confidence;
}

/** Metrics of a control's decisions; empty where costs are unknown. */
function measureDecisions(
  metrics: readonly LoadedMetric[],
  rows: ScoredRows,
  decide: (curve: MetricCurve) => Decisions,
): Readonly<Record<string, MetricValue>> {
  if (rows.n === 0 || typeof knownCosts(rows) === 'number') return {};
  const decisions = decide(buildCurve(rows));
  return Object.fromEntries(
    metrics.flatMap(({ definition, metric }) =>
      metric.decided === undefined ? [] : [[definition.name, metric.decided(decisions)]],
    ),
  );
}

/** The metrics of a control, and its curve for drawing. */
export interface MeasuredControl {
  readonly metrics: Record<string, MetricValue>;
  readonly curve: readonly (readonly [number, number])[];
}

/** Metrics and curve of a control. A control with a single point has no curve metrics. */
export function measureControl(
  metrics: readonly LoadedMetric[],
  control: Control,
  rows: ScoredRows,
  settings: MetricSettings,
): MeasuredControl {
  if (control === 'oracle') {
    const ordered = { ...rows, confidence: oracleConfidence(rows) };
    return {
      metrics: {
        ...measure(metrics, ordered, settings),
        ...measureDecisions(metrics, ordered, decideBest),
      },
      curve: curvePoints(ordered),
    };
  }
  if (control === 'random') return measureRandom(metrics, rows, settings);
  const point = Object.fromEntries(
    applicableMetrics(metrics, rows).map(({ definition }) => [
      definition.name,
      none(`${control} is one point, it orders nothing`),
    ]),
  );
  const model = control === 'always-weak' ? 'weak' : 'strong';
  if (rows.n === 0) return { metrics: point, curve: [] };
  return {
    metrics: {
      ...point,
      ...measureDecisions(metrics, rows, (curve) => decideAlways(curve, model)),
    },
    curve: [model === 'weak' ? [0, mean(rows.weak)] : [1, mean(rows.strong)]],
  };
}

/**
 * A random router in expectation: its curve is a straight line, and metrics that define a `random`
 * value have exactly that value.
 */
function measureRandom(
  metrics: readonly LoadedMetric[],
  rows: ScoredRows,
  settings: MetricSettings,
): MeasuredControl {
  const flat = { ...rows, confidence: new Float64Array(rows.n) };
  const measured = measure(metrics, flat, settings);
  for (const { definition } of metrics)
    if (definition.random !== undefined && typeof measured[definition.name]?.value === 'number')
      measured[definition.name] = { value: definition.random };
  return { metrics: measured, curve: curvePoints(flat) };
}

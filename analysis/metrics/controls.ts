/** Reference points made from the grades alone: never plugins, never ranked. */
import { decisionMetrics, knownCosts, oracleDecided, singleDecided, type Decided } from './cost.js';
import { ALL_METRICS, curvePoints, measure, METRICS } from './index.js';
import {
  none,
  type MetricSettings,
  type MetricValue,
  type RowCosts,
  type ScoredRows,
} from './types.js';
import { mean } from './mean.js';

/** Their names. */
export const CONTROLS = ['random', 'always-weak', 'always-strong', 'oracle'] as const;

/** One of them. */
export type Control = (typeof CONTROLS)[number];

/**
 * What a random router gets in expectation, exactly; the other metrics follow from its straight
 * line.
 */
const RANDOM_EXACTLY: Readonly<Record<string, number>> = {
  auroc: 0.5,
  apgr: 0.5,
  'apgr-exact': 0.5,
  pgr20: 0.2,
  pgr50: 0.5,
  cpt20: 20,
  cpt50: 50,
  cpt80: 80,
};

/**
 * Rank of each row by gain of keeping the weak model, then by the weak grade; equal rows share a
 * rank.
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

/** What a control's own decisions cost and amount to, where costs are known. */
function decided(
  rows: ScoredRows,
  decide: (cost: RowCosts) => Decided,
): Readonly<Record<string, MetricValue>> {
  const cost = rows.n === 0 ? 0 : knownCosts(rows);
  return typeof cost === 'number' ? {} : decisionMetrics(decide(cost), oracleDecided(rows, cost));
}

/** Metrics and curve of a control. A control with a single point has no curve metrics. */
export function measureControl(
  control: Control,
  rows: ScoredRows,
  settings: MetricSettings,
): {
  readonly metrics: Record<string, MetricValue>;
  readonly curve: readonly (readonly [number, number])[];
} {
  if (control === 'oracle') {
    const ordered = { ...rows, confidence: oracleConfidence(rows) };
    return {
      metrics: {
        ...measure(ordered, settings),
        ...decided(rows, (cost) => oracleDecided(rows, cost)),
      },
      curve: curvePoints(ordered),
    };
  }
  if (control === 'random') {
    const flat = { ...rows, confidence: new Float64Array(rows.n) };
    const metrics = Object.fromEntries(
      Object.entries(measure(flat, settings)).map(([name, measured]) => [
        name,
        measured.value !== null && name in RANDOM_EXACTLY
          ? { value: RANDOM_EXACTLY[name] as number }
          : measured,
      ]),
    );
    return { metrics, curve: curvePoints(flat) };
  }
  const point = Object.fromEntries(
    (rows.cost === undefined ? METRICS : ALL_METRICS).map(({ name }) => [
      name,
      none(`${control} is one point, it orders nothing`),
    ]),
  );
  if (rows.n === 0) return { metrics: point, curve: [] };
  const metrics = {
    ...point,
    ...decided(rows, (cost) =>
      singleDecided(rows, cost, control === 'always-weak' ? 'weak' : 'strong'),
    ),
  };
  return {
    metrics,
    curve: [control === 'always-weak' ? [0, mean(rows.weak)] : [1, mean(rows.strong)]],
  };
}

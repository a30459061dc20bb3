/** Computes every metric of a router on a set. */
import { getErrorMessage, HarnessError } from '../../core/errors.js';
import type { MetricDefinition } from '../../core/definitions.js';
import { knownCosts } from './costs.js';
import {
  none,
  type Metric,
  type MetricSettings,
  type MetricValue,
  type ScoredRows,
} from './types.js';

/**
 * A metric of a project, ready to measure. `definition.name` is the name that it is listed under.
 */
export interface LoadedMetric {
  readonly definition: MetricDefinition;
  readonly metric: Metric;
}

/** The error for a metric that breaks its contract. */
export const brokenMetric = (name: string, problem: string, cause?: unknown): HarnessError =>
  new HarnessError(
    'brokenPluginContract',
    { kind: 'metric', name, problem },
    cause === undefined ? {} : { cause },
  );

/** Metrics that apply to rows: cost metrics are left out where no cost is known at all. */
export const applicableMetrics = (
  metrics: readonly LoadedMetric[],
  { cost }: Pick<ScoredRows, 'cost'>,
): readonly LoadedMetric[] =>
  cost === undefined ? metrics.filter(({ definition }) => definition.needs !== 'costs') : metrics;

/** Why rows lack what a metric needs; null where they have it. */
function findLack(
  { needs }: MetricDefinition,
  rows: ScoredRows,
  { calibrated }: MetricSettings,
): string | null {
  if (rows.n === 0) return 'there are no rows with both grades';
  if (needs === 'probabilities' && calibrated !== true)
    return 'its confidence is not a probability';
  if (needs !== 'costs') return null;
  const cost = knownCosts(rows);
  return typeof cost === 'number' ? `the cost of ${cost} of ${rows.n} rows is not known` : null;
}

/** Computes one metric. @throws HarnessError where the plugin throws or returns no number */
export function measureOne(
  { definition, metric }: LoadedMetric,
  rows: ScoredRows,
  settings: MetricSettings,
): MetricValue {
  const lack = findLack(definition, rows, settings);
  if (lack !== null) return none(lack);
  let measured: MetricValue;
  try {
    measured = metric.measure(rows, settings);
  } catch (cause) {
    throw brokenMetric(definition.name, getErrorMessage(cause), cause);
  }
  if (measured.value !== null && !Number.isFinite(measured.value))
    throw brokenMetric(definition.name, `its value is ${String(measured.value)}`);
  return measured;
}

/** Computes all metrics: name → value. Without rows every value is null. */
export const measure = (
  metrics: readonly LoadedMetric[],
  rows: ScoredRows,
  settings: MetricSettings,
): Record<string, MetricValue> =>
  Object.fromEntries(
    applicableMetrics(metrics, rows).map((loaded) => [
      loaded.definition.name,
      measureOne(loaded, rows, settings),
    ]),
  );

/**
 * The metrics of a router. Without a confidence on any row it has no values, although an order of
 * ties could be measured; `why` is the reason, where it is known.
 */
export function measureRouter(
  metrics: readonly LoadedMetric[],
  rows: ScoredRows,
  settings: MetricSettings,
  why: string | null = null,
): Record<string, MetricValue> {
  if (rows.n === 0 || !rows.confidence.every(Number.isNaN)) return measure(metrics, rows, settings);
  const reason = `the router has no confidence on any of these queries${why === null ? '' : `: ${why}`}`;
  return Object.fromEntries(
    applicableMetrics(metrics, rows).map(({ definition }) => [definition.name, none(reason)]),
  );
}

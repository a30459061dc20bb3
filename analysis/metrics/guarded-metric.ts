/**
 * A third-party metric as the harness calls it: it gets copies, so that it cannot change what other
 * metrics read, and one that breaks its contract costs its own values only.
 */
import { getErrorMessage, type HarnessError } from '../../core/errors.js';
import type { MetricDefinition } from '../../core/definitions.js';
import { brokenMetric } from './measure.js';
import {
  none,
  type Decisions,
  type Metric,
  type MetricCurve,
  type MetricSettings,
  type MetricValue,
  type RowCosts,
  type ScoredRows,
} from './types.js';

const copyCosts = ({ weak, strong }: RowCosts): RowCosts => ({
  weak: weak.slice(),
  strong: strong.slice(),
});

const copyRows = ({ cost, ...rows }: ScoredRows): ScoredRows => ({
  n: rows.n,
  weak: rows.weak.slice(),
  strong: rows.strong.slice(),
  label: rows.label.slice(),
  confidence: rows.confidence.slice(),
  ...(cost === undefined ? {} : { cost: copyCosts(cost) }),
});

/** A curve whose sums are copies; its methods read the original. */
const copyCurve = (curve: MetricCurve): MetricCurve => {
  const length = curve.groups + 1;
  const copy: MetricCurve = {
    groups: curve.groups,
    rows: curve.rows,
    right: curve.right,
    weakMean: curve.weakMean,
    strongMean: curve.strongMean,
    count: curve.count.slice(0, length),
    gained: curve.gained.slice(0, length),
    rights: curve.rights.slice(0, length),
    area: curve.area.slice(0, length),
    confidenceAt: (group) => curve.confidenceAt(group),
    probabilities: () => curve.probabilities().slice(0, curve.groups),
    findGroup: (k) => curve.findGroup(k),
    scoreAt: (k) => curve.scoreAt(k),
    between: (sums, k) => curve.between(sums, k),
    sums: (quantity) => curve.sums(quantity).slice(0, length),
    sumTo: (quantity, k) => curve.sumTo(quantity, k),
    total: (quantity) => curve.total(quantity),
    least: (quantity) => curve.least(quantity),
    once: (compute) => curve.once((_original, before) => compute(copy, before as never)),
  };
  return copy;
};

/** Rounding may take a value this far out of its range. */
const ROUNDING = 1e-9;

/** What is wrong with a value that a metric returned; undefined where nothing is. */
function findValueProblem(
  measured: unknown,
  { range: [low, high] }: MetricDefinition,
): string | undefined {
  if (typeof measured !== 'object' || measured === null || !('value' in measured))
    return `it returned ${String(measured)} instead of { value } or { value: null, reason }`;
  const { value } = measured;
  if (value === null)
    return 'reason' in measured && typeof measured.reason === 'string' && measured.reason !== ''
      ? undefined
      : 'it returned null without a reason';
  if (typeof value !== 'number' || !Number.isFinite(value)) return `its value is ${String(value)}`;
  return value < low - ROUNDING || value > high + ROUNDING
    ? `its value ${value} is outside of its range, ${low} to ${high}`
    : undefined;
}

/** A metric and the first thing it did wrong. */
export class GuardedMetric implements Metric {
  broken: HarnessError | undefined;
  readonly resample?: NonNullable<Metric['resample']>;
  readonly decided?: NonNullable<Metric['decided']>;

  constructor(
    private readonly definition: MetricDefinition,
    private readonly inner: Metric,
  ) {
    if (typeof inner.resample === 'function')
      this.resample = (curve, settings) => {
        try {
          return Number(inner.resample?.(copyCurve(curve), { ...settings }) ?? NaN);
        } catch (cause) {
          this.#note(getErrorMessage(cause), cause);
          return NaN;
        }
      };
    if (typeof inner.decided === 'function')
      this.decided = (decisions: Decisions) =>
        this.#guard(() => inner.decided?.(structuredClone(decisions)));
  }

  readonly measure = (rows: ScoredRows, settings: MetricSettings): MetricValue =>
    this.#guard(() => this.inner.measure(copyRows(rows), { ...settings }));

  #guard(measure: () => unknown): MetricValue {
    try {
      const measured = measure();
      const problem = findValueProblem(measured, this.definition);
      return problem === undefined ? (measured as MetricValue) : this.#note(problem);
    } catch (cause) {
      return this.#note(getErrorMessage(cause), cause);
    }
  }

  #note(problem: string, cause?: unknown): MetricValue {
    this.broken ??= brokenMetric(this.definition.name, problem, cause);
    return none(`the metric failed: ${problem}`);
  }
}

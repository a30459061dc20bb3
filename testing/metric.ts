/** The contract of metrics, as a list of rules, as a check and as tests. */
import type { MetricSettings, MetricValue, ScoredRows } from '../core/contracts.js';
import type { MetricDefinition } from '../core/definitions.js';
import { seededRandom } from '../core/util/random.js';
import { measureOne, type LoadedMetric } from '../analysis/metrics/measure.js';
import { RowTotals } from '../analysis/metrics/row-totals.js';
import { SortedRows } from '../analysis/metrics/sorted-rows.js';
import { DEFAULT_SETTINGS } from '../analysis/metrics/types.js';
import { Draw } from '../analysis/statistics/draw.js';
import { ResampledMetrics } from '../analysis/statistics/resampled-metrics.js';
import { definitionRules } from './definition-rules.js';
import { digest } from './detect-impurity.js';
import { METRIC_TABLES, takeRows, type MetricTable } from './metric-tables.js';
import { checkRules, registerRules, type Rule, type Runner, type Violation } from './rule.js';
import { buildSubject, type PluginClass, type PluginSubject } from './subject.js';

/** What the metric suite may be told. */
export interface MetricSuite {
  readonly options?: object;
}

/** A metric under test. */
export interface MetricSubject extends PluginSubject<'metric'> {
  /** The metric as a project has it; a new instance each time. */
  readonly load: () => LoadedMetric;
}

const SETTINGS: MetricSettings = { ...DEFAULT_SETTINGS, calibrated: true };
const TOLERANCE = 1e-9;

const subject = (plugin: PluginClass, suite: MetricSuite): MetricSubject => {
  const own = buildSubject('metric', plugin, suite.options);
  return {
    ...own,
    load: () => {
      if (own.mark?.kind !== 'metric') throw new Error('it is not marked as a metric');
      return { definition: own.mark.definition, metric: own.make() };
    },
  };
};

const definitionOf = ({ mark }: MetricSubject): MetricDefinition | undefined =>
  mark?.kind === 'metric' ? mark.definition : undefined;

/** Looks at every table; a throw is a problem of that table. */
function everyTable(look: (table: MetricTable) => string | undefined): readonly string[] {
  return METRIC_TABLES.flatMap((table) => {
    let problem: string | undefined;
    try {
      problem = look(table);
    } catch (thrown) {
      problem = `it throws: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
    }
    return problem === undefined ? [] : [`${table.name}: ${problem}`];
  });
}

const text = (measured: MetricValue): string =>
  measured.value === null ? `null (${measured.reason})` : String(measured.value);

/** Whether two values differ by more than rounding. */
const differ = (a: number | null, b: number | null): boolean =>
  a === null || b === null ? a !== b : !(Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a)));

/** What is wrong where a change of rows or settings changes the value; else nothing. */
function compareWith(
  own: MetricSubject,
  { rows }: MetricTable,
  changed: ScoredRows,
  settings: MetricSettings = SETTINGS,
): string | undefined {
  const before = measureOne(own.load(), rows, SETTINGS);
  const after = measureOne(own.load(), changed, settings);
  return differ(before.value, after.value) ? `${text(before)} becomes ${text(after)}` : undefined;
}

/** One resample by the walk over the curve, as the bootstrap does it; null where it is NaN. */
function walk(own: MetricSubject, { n, confidence, ...rest }: ScoredRows, times: number[]) {
  const draw = new Draw({
    n,
    ...rest,
    cluster: Uint32Array.from({ length: n }, (_, row) => row),
    clusters: n,
  });
  draw.take(times);
  const out = new Float64Array(1);
  const sorted = new SortedRows(new RowTotals({ n, ...rest }), confidence);
  const resampled = new ResampledMetrics([own.load()], DEFAULT_SETTINGS, n);
  resampled.measure(sorted, draw, true, out);
  resampled.measure(sorted, draw, true, out); // buffers are filled anew
  return Number.isNaN(out[0]) ? null : (out[0] as number);
}

const RESAMPLES = 5;

/** All rules for metrics. */
export const metricRules: readonly Rule<MetricSubject>[] = [
  ...definitionRules,
  {
    name: 'declares',
    sentence: 'declares which direction is better, a range, and what it needs',
    check: (own) => {
      const definition = definitionOf(own);
      if (definition === undefined) return [];
      const { better, range, needs } = definition;
      const problems: string[] = [];
      if (!['higher', 'lower'].includes(better)) problems.push(`better is "${String(better)}"`);
      if (!(range[0] < range[1])) problems.push(`the range [${range.join(', ')}] is empty`);
      if (!['confidence', 'probabilities', 'costs'].includes(needs))
        problems.push(`it needs "${String(needs)}"`);
      return problems;
    },
  },
  {
    name: 'number-or-reason',
    sentence: 'gives a finite number, or null with a reason, for any rows',
    check: (own) =>
      everyTable(({ rows }) => {
        const measured = measureOne(own.load(), rows, SETTINGS);
        if (measured.value !== null) return undefined;
        return typeof measured.reason === 'string' && measured.reason.trim() !== ''
          ? undefined
          : 'the value is null and has no reason';
      }),
  },
  {
    name: 'within-range',
    sentence: 'stays within its range',
    check: (own) =>
      everyTable(({ rows }) => {
        const [low, high] = definitionOf(own)?.range ?? [-Infinity, Infinity];
        const { value } = measureOne(own.load(), rows, SETTINGS);
        return value === null || (value >= low - TOLERANCE && value <= high + TOLERANCE)
          ? undefined
          : `${value} is outside [${low}, ${high}]`;
      }),
  },
  {
    name: 'any-order-of-rows',
    sentence: 'does not depend on the order of the rows',
    check: (own) =>
      everyTable((table) => {
        const order = Array.from({ length: table.rows.n }, (_, row) => row);
        const shuffled = seededRandom(`metric/${table.name}`).shuffle(order);
        return compareWith(own, table, takeRows(table.rows, shuffled));
      }),
  },
  {
    name: 'order-of-confidences-only',
    sentence: 'reads the order of the confidences only, unless it needs probabilities',
    applies: (own) => definitionOf(own)?.needs !== 'probabilities',
    check: (own) =>
      everyTable((table) => {
        const confidence = table.rows.confidence.map((value) => 3 * Math.exp(value) - 7);
        return compareWith(own, table, { ...table.rows, confidence });
      }),
  },
  {
    name: 'reads-what-it-needs',
    sentence: 'reads no costs and no probabilities unless it needs them',
    check: (own) =>
      everyTable((table) => {
        const needs = definitionOf(own)?.needs;
        const { cost, ...plain } = table.rows;
        const problems: (string | undefined)[] = [];
        if (needs !== 'costs' && cost !== undefined) problems.push(compareWith(own, table, plain));
        if (needs !== 'probabilities')
          problems.push(compareWith(own, table, table.rows, { ...SETTINGS, calibrated: false }));
        return problems.find((problem) => problem !== undefined);
      }),
  },
  {
    name: 'pure',
    sentence: 'measures the same rows the same, every time, and leaves them as they are',
    check: (own) =>
      everyTable(({ rows }) => {
        const loaded = own.load();
        const before = digest(rows);
        const first = measureOne(loaded, rows, SETTINGS);
        const second = measureOne(loaded, { ...rows }, SETTINGS);
        if (digest(rows) !== before) return 'it changes the rows';
        return digest(first) === digest(second)
          ? undefined
          : `it gives ${text(first)}, then ${text(second)}`;
      }),
  },
  {
    name: 'walks-as-it-measures',
    sentence: 'has the same value in one walk over a resample as for repeated rows',
    applies: (own) => own.mark?.kind === 'metric' && own.make().resample !== undefined,
    check: (own) =>
      everyTable(({ name, rows }) => {
        const random = seededRandom(`metric/walk/${name}`);
        for (let resample = 0; resample < RESAMPLES; resample++) {
          const times = Array.from({ length: rows.n }, () => random.int(0, 3));
          if (resample === 0 || times.every((count) => count === 0)) times.fill(1);
          const from = times.flatMap((count, row) => new Array<number>(count).fill(row));
          const repeated = measureOne(own.load(), takeRows(rows, from), SETTINGS);
          const walked = walk(own, rows, times);
          if (differ(walked, repeated.value))
            return `the walk gives ${String(walked)}, repeated rows give ${text(repeated)}`;
        }
        return undefined;
      }),
  },
];

/** Checks a metric class; an empty list means that it keeps its contract. */
export const checkMetric = (
  plugin: PluginClass,
  suite: MetricSuite = {},
): Promise<readonly Violation[]> => checkRules(metricRules, subject(plugin, suite));

/** Registers one test a rule for a metric class. */
export const metricContract = (
  plugin: PluginClass,
  suite: MetricSuite = {},
  runner?: Runner,
): void =>
  registerRules(
    `${plugin.name} keeps the contract of metrics`,
    metricRules,
    subject(plugin, suite),
    runner,
  );

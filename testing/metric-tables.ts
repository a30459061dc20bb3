/** Rows that metrics are tried on: ordinary ones, and those that careless formulas break on. */
import { mapCosts } from '../analysis/metrics/costs.js';
import type { ScoredRows } from '../core/contracts.js';
import { seededRandom, type Random } from '../core/util/random.js';

/** Some rows under a name for messages. */
export interface MetricTable {
  readonly name: string;
  readonly rows: ScoredRows;
}

type Row = readonly [weak: number, strong: number, confidence: number];
type Costs = (row: number) => readonly [weak: number, strong: number];

// Grades are eighths and costs whole, so that sums are exact in whatever order they are taken.
const eighths = (random: Random): number => random.int(0, 8) / 8;

function table(name: string, rows: readonly Row[], costs: Costs = defaultCosts): MetricTable {
  return {
    name,
    rows: {
      n: rows.length,
      weak: Float64Array.from(rows, ([weak]) => weak),
      strong: Float64Array.from(rows, ([, strong]) => strong),
      label: Uint8Array.from(rows, ([weak]) => (weak >= 0.5 ? 1 : 0)),
      confidence: Float64Array.from(rows, ([, , confidence]) => confidence),
      cost: {
        weak: Float64Array.from(rows, (_, row) => costs(row)[0]),
        strong: Float64Array.from(rows, (_, row) => costs(row)[1]),
      },
    },
  };
}

const defaultCosts: Costs = (row) => [1 + (row % 3), 4 + (row % 5)];

function randomRows(seed: number, n: number, confidence: (random: Random) => number): Row[] {
  const random = seededRandom(`metric-tables/${seed}`);
  return Array.from({ length: n }, (): Row => [
    eighths(random),
    Math.max(eighths(random), eighths(random)),
    confidence(random),
  ]);
}

const normal = (random: Random): number => random.normal();
const tied = (random: Random): number => random.int(-2, 2);

/** All of them. */
export const METRIC_TABLES: readonly MetricTable[] = [
  table('80 rows', randomRows(1, 80, normal)),
  table('200 rows', randomRows(2, 200, normal)),
  table('ties', randomRows(3, 60, tied)),
  table(
    'missing confidences',
    randomRows(4, 60, (random) => (random.float() < 0.3 ? NaN : random.normal())),
  ),
  table(
    'no confidence at all',
    randomRows(5, 20, () => NaN),
  ),
  table(
    'the same confidence in all rows',
    randomRows(6, 20, () => 0.5),
  ),
  table(
    'grades of 0 and 1',
    randomRows(7, 60, normal).map(([weak, strong, confidence]): Row => [
      weak >= 0.5 ? 1 : 0,
      strong >= 0.5 ? 1 : 0,
      confidence,
    ]),
  ),
  table(
    'all grades 1',
    randomRows(8, 30, normal).map(([, , confidence]): Row => [1, 1, confidence]),
  ),
  table(
    'all grades 0',
    randomRows(9, 30, normal).map(([, , confidence]): Row => [0, 0, confidence]),
  ),
  table(
    'a weak model that is the better one',
    randomRows(10, 40, normal).map(([weak, strong, confidence]): Row => [strong, weak, confidence]),
  ),
  table('one row', [[0, 1, 0.5]]),
  table('one row without a confidence', [[1, 0, NaN]]),
  table('two rows', [
    [0, 1, -1],
    [1, 1, 1],
  ]),
  table('answers that cost nothing', randomRows(11, 30, normal), () => [0, 0]),
  table('models that cost the same', randomRows(12, 30, normal), () => [2, 2]),
  table('a strong model that is the cheaper one', randomRows(13, 30, tied), (row) => [
    5 + (row % 4),
    row % 3,
  ]),
];

/** Rows in another order, or some of them several times. */
export function takeRows(rows: ScoredRows, from: readonly number[]): ScoredRows {
  const take = (values: Float64Array): Float64Array =>
    Float64Array.from(from, (row) => values[row] as number);
  return {
    n: from.length,
    weak: take(rows.weak),
    strong: take(rows.strong),
    label: Uint8Array.from(from, (row) => rows.label[row] as number),
    confidence: take(rows.confidence),
    ...(rows.cost === undefined ? {} : { cost: mapCosts(rows.cost, take) }),
  };
}

/** Small metrics that keep the contract, and one for every rule that breaks it. */
import { z } from 'zod';
import {
  metric,
  type MetricCurve,
  type MetricDefinition,
  type MetricSettings,
  type ScoredRows,
} from '../../../core/index.js';
import { CurveMetric } from '../../../analysis/index.js';
import type { PluginClass } from '../../../testing/index.js';

type Measure = (rows: ScoredRows, settings: MetricSettings) => unknown;

const DEFINITION: MetricDefinition = {
  name: 'made',
  summary: 'Made for the tests of the contract',
  better: 'higher',
  range: [0, 1],
  needs: 'confidence',
};

const createMetric = (
  measure: Measure,
  over: Partial<MetricDefinition> = {},
  resample?: (curve: MetricCurve) => number,
): PluginClass => {
  class Made {
    readonly measure = measure as never;
    readonly resample = resample as never;
  }
  metric({ ...DEFINITION, ...over })(Made);
  return Made;
};

/** Mean score when the rows below the median confidence are escalated; ties go with the median. */
const belowMedian: Measure = ({ n, weak, strong, confidence }) => {
  const key = (row: number): number => {
    const value = confidence[row] as number;
    return Number.isNaN(value) ? -Infinity : value;
  };
  const sorted = Array.from({ length: n }, (_, row) => key(row)).sort((a, b) => a - b);
  const median = sorted[Math.floor(n / 2)] as number;
  let sum = 0;
  for (let row = 0; row < n; row++) sum += (key(row) < median ? strong : weak)[row] as number;
  return { value: sum / n };
};

const share = (rows: ScoredRows, count: (row: number) => boolean): { value: number } => ({
  value: Array.from({ length: rows.n }, (_, row) => row).filter(count).length / rows.n,
});

/** Keeps the contract, without a walk. */
export const GoodMetric = createMetric(belowMedian);

/** Keeps it with one. */
@metric({ ...DEFINITION, name: 'made-walk' })
export class GoodWalk extends CurveMetric {
  override resample(curve: MetricCurve): number {
    return curve.right === 0 ? NaN : curve.scoreAt(curve.rows / 3);
  }

  override reason(): string {
    return 'no row has label 1';
  }
}

let calls = 0;

/** Rule → a metric that breaks it. */
export const BROKEN_METRICS: Readonly<Record<string, PluginClass>> = {
  marked: class Unmarked {
    readonly measure = belowMedian;
  },
  named: createMetric(belowMedian, { name: 'made-', summary: 'two\nlines' }),
  'strict-options': createMetric(belowMedian, { options: z.looseObject({}) }),
  declares: createMetric(belowMedian, { range: [1, 1] }),
  'number-or-reason': createMetric((rows) => ({
    value: 1 / (rows.label.reduce((sum, label) => sum + label, 0) / rows.n),
  })),
  'within-range': createMetric(belowMedian, { range: [0, 0.5] }),
  'any-order-of-rows': createMetric(({ weak }) => ({ value: weak[0] })),
  'order-of-confidences-only': createMetric((rows) =>
    share(rows, (row) => (rows.confidence[row] as number) > 0),
  ),
  'reads-what-it-needs': createMetric((rows) =>
    share(rows, (row) => (rows.cost?.strong[row] ?? 0) > 5),
  ),
  pure: createMetric(() => ({ value: (calls++ % 7) / 7 })),
  'walks-as-it-measures': createMetric(belowMedian, {}, (curve) => curve.right / (curve.rows + 1)),
};

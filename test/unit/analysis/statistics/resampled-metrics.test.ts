import { expect } from 'chai';
import fc from 'fast-check';
import { seededRandom } from '../../../../core/index.js';
import { measure } from '../../../../analysis/metrics/measure.js';
import { RowTotals } from '../../../../analysis/metrics/row-totals.js';
import { SortedRows } from '../../../../analysis/metrics/sorted-rows.js';
import { DEFAULT_SETTINGS, type ScoredRows } from '../../../../analysis/metrics/types.js';
import { Draw } from '../../../../analysis/statistics/draw.js';
import { ResampledMetrics } from '../../../../analysis/statistics/resampled-metrics.js';
import { METRIC_NAMES, METRICS } from '../../../support/metrics.js';
import type { SharedRows } from '../../../../analysis/statistics/shared-rows.js';

type Row = readonly [
  weak: number,
  strong: number,
  confidence: number,
  weakCost: number,
  strongCost: number,
];

/** Rows repeated by hand, measured by the metrics themselves. */
const repeated = (
  rows: readonly Row[],
  times: readonly number[],
): Readonly<Record<string, number | null>> => {
  const all = rows.flatMap((row, i) => Array.from({ length: times[i] ?? 0 }, () => row));
  const scored: ScoredRows = {
    n: all.length,
    weak: Float64Array.from(all, ([weak]) => weak),
    strong: Float64Array.from(all, ([, strong]) => strong),
    label: Uint8Array.from(all, ([weak]) => (weak >= 0.5 ? 1 : 0)),
    confidence: Float64Array.from(all, ([, , confidence]) => confidence),
    cost: {
      weak: Float64Array.from(all, (row) => row[3]),
      strong: Float64Array.from(all, (row) => row[4]),
    },
  };
  return Object.fromEntries(
    Object.entries(measure(METRICS, scored, { ...DEFAULT_SETTINGS, calibrated: true })).map(
      ([name, { value }]) => [name, value],
    ),
  );
};

/** The same rows with multiplicities. */
const weighted = (
  rows: readonly Row[],
  times: readonly number[],
): Readonly<Record<string, number | null>> => {
  const shared: SharedRows = {
    n: rows.length,
    weak: Float64Array.from(rows, ([weak]) => weak),
    strong: Float64Array.from(rows, ([, strong]) => strong),
    label: Uint8Array.from(rows, ([weak]) => (weak >= 0.5 ? 1 : 0)),
    cluster: Uint32Array.from(rows, (_, i) => i),
    clusters: rows.length,
  };
  const cost = {
    weak: Float64Array.from(rows, (row) => row[3]),
    strong: Float64Array.from(rows, (row) => row[4]),
  };
  const sorted = new SortedRows(
    new RowTotals({ ...shared, cost }),
    Float64Array.from(rows, ([, , confidence]) => confidence),
  );
  const draw = new Draw(shared);
  draw.take(times);
  const out = new Float64Array(METRIC_NAMES.length);
  new ResampledMetrics(METRICS, DEFAULT_SETTINGS, rows.length).measure(sorted, draw, true, out);
  return Object.fromEntries(
    METRIC_NAMES.map((name, i) => [name, Number.isNaN(out[i]) ? null : (out[i] as number)]),
  );
};

const same = (rows: readonly Row[], times: readonly number[]): void => {
  const [own, wanted] = [weighted(rows, times), repeated(rows, times)];
  for (const name of METRIC_NAMES) {
    if (wanted[name] === null) expect(own[name], name).to.equal(null);
    else
      expect(
        (own[name] as number) / Math.max(1, Math.abs(wanted[name] as number)),
        name,
      ).to.be.closeTo(
        (wanted[name] as number) / Math.max(1, Math.abs(wanted[name] as number)),
        1e-9,
      );
  }
};

describe('metrics of a resample', () => {
  // Eighths add up without rounding, so that levels which a metric compares for equality are equal
  // both ways.
  const grade = fc.integer({ min: 0, max: 8 }).map((eighths) => eighths / 8);
  const times = fc.constantFrom(0, 0, 1, 1, 2, 3, 7);

  const dollars = fc.integer({ min: 0, max: 6 });

  it('are the metrics of rows repeated as often as drawn, with ties and without confidences', () => {
    const confidence = fc.constantFrom(-2, -1, 0, 0.25, 3, NaN);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.tuple(grade, grade, confidence, dollars, dollars), times), {
          minLength: 1,
          maxLength: 60,
        }),
        (rows) => {
          same(
            rows.map(([row]) => row),
            rows.map(([, own]) => own),
          );
        },
      ),
      { numRuns: 120 },
    );
  });

  it('… and on hundreds of rows without ties', () => {
    for (let seed = 0; seed < 20; seed++) {
      const random = seededRandom(seed);
      const rows = Array.from({ length: random.int(1, 400) }, (): Row => [
        random.int(0, 1),
        random.float() < 0.85 ? 1 : 0,
        random.normal(),
        random.int(1, 9),
        random.int(1, seed % 2 === 0 ? 9 : 90),
      ]);
      same(
        rows,
        rows.map(() => random.int(0, 3)),
      );
      same(
        rows,
        rows.map(() => 1),
      );
    }
  });
});

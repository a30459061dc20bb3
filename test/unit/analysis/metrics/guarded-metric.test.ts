import { expect } from 'chai';
import { Curve } from '../../../../analysis/metrics/curve.js';
import { GuardedMetric } from '../../../../analysis/metrics/guarded-metric.js';
import { RowTotals } from '../../../../analysis/metrics/row-totals.js';
import { SortedRows } from '../../../../analysis/metrics/sorted-rows.js';
import { DEFAULT_SETTINGS, type ScoredRows } from '../../../../analysis/metrics/types.js';
import type { MetricDefinition } from '../../../../core/definitions.js';
import type { Metric } from '../../../../core/contracts.js';

const DEFINITION: MetricDefinition = {
  name: 'mine',
  summary: 's',
  better: 'higher',
  range: [0, 1],
  needs: 'confidence',
};

const rows = (): ScoredRows => ({
  n: 3,
  weak: Float64Array.of(1, 0, 1),
  strong: Float64Array.of(1, 1, 0),
  label: Uint8Array.of(1, 0, 1),
  confidence: Float64Array.of(0.3, 0.2, 0.1),
  cost: { weak: Float64Array.of(1, 1, 1), strong: Float64Array.of(2, 2, 2) },
});

/** What a metric that returns this gives, and the first error of it. */
function guard(measure: (rows: ScoredRows) => unknown): { value: unknown; problem: string } {
  const guarded = new GuardedMetric(DEFINITION, { measure: measure as Metric['measure'] });
  const value = guarded.measure(rows(), DEFAULT_SETTINGS);
  return { value, problem: guarded.broken?.problem ?? '' };
}

describe('a third-party metric', () => {
  it('that returns something else than a value in its range, or throws, is null with the reason', () => {
    for (const [returned, problem] of [
      [undefined, 'it returned undefined'],
      [null, 'it returned null'],
      [0.5, 'it returned 0.5'],
      [{}, 'it returned [object Object]'],
      [{ value: NaN }, 'its value is NaN'],
      [{ value: '1' }, 'its value is 1'],
      [{ value: 1.01 }, 'its value 1.01 is outside of its range, 0 to 1'],
      [{ value: null }, 'it returned null without a reason'],
    ] as const) {
      const got = guard(() => returned);
      expect(got.value).to.deep.include({ value: null });
      expect(got.problem).to.contain('"mine"').and.to.contain(problem);
    }
    const thrown = guard(() => {
      throw new Error('no idea');
    });
    expect(thrown.value).to.deep.equal({ value: null, reason: 'the metric failed: no idea' });
    expect(guard(() => ({ value: 1 }))).to.deep.equal({ value: { value: 1 }, problem: '' });
    const reason = { value: null, reason: 'few rows' };
    expect(guard(() => reason)).to.deep.equal({ value: reason, problem: '' });
  });

  it('cannot change the rows or the curve that others read', () => {
    const given = rows();
    const destroys = new GuardedMetric(DEFINITION, {
      measure: (got) => {
        for (const list of [got.weak, got.strong, got.label, got.confidence, got.cost?.weak])
          list?.fill(9);
        return { value: 1 };
      },
      resample: (curve) => {
        const once = curve.once((inner) => inner.count.fill(7));
        const sums = curve.sums((graded) => graded.weak.fill(5));
        for (const list of [curve.count, curve.gained, curve.rights, curve.area, once, sums])
          list.fill(9);
        return 1;
      },
    });
    destroys.measure(given, DEFAULT_SETTINGS);
    expect(given).to.deep.equal(rows());
    const curve = new Curve(3);
    curve.load(new SortedRows(new RowTotals(given), given.confidence), {
      multiplicity: Uint16Array.of(1, 1, 1),
      rows: 3,
      right: 2,
      weakSum: 2,
      strongSum: 2,
      stamp: 1,
    });
    const before = structuredClone([curve.count, curve.gained, curve.rights, curve.area]);
    destroys.resample?.(curve, DEFAULT_SETTINGS);
    expect([curve.count, curve.gained, curve.rights, curve.area]).to.deep.equal(before);
    expect(given).to.deep.equal(rows());
  });
});

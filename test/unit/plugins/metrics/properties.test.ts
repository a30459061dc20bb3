import { expect } from 'chai';
import fc from 'fast-check';
import { seededRandom } from '../../../../core/index.js';
import { CONTROLS, measureControl } from '../../../../analysis/metrics/controls.js';
import { measure } from '../../../../analysis/metrics/measure.js';
import { METRICS, PLAIN_METRICS } from '../../../support/metrics.js';
import { buildRowViews } from '../../../../analysis/metrics/nulls.js';
import { ascending } from '../../../../analysis/metrics/order.js';
import { buildCurve } from '../../../../analysis/metrics/curve.js';
import { RowTotals } from '../../../../analysis/metrics/row-totals.js';
import { SortedRows } from '../../../../analysis/metrics/sorted-rows.js';
import {
  DEFAULT_SETTINGS,
  type MetricValue,
  type ScoredRows,
} from '../../../../analysis/metrics/types.js';

const table = (
  rows: readonly (readonly [weak: number, strong: number, confidence: number])[],
): ScoredRows => ({
  n: rows.length,
  weak: Float64Array.from(rows, ([weak]) => weak),
  strong: Float64Array.from(rows, ([, strong]) => strong),
  label: Uint8Array.from(rows, ([weak]) => (weak >= 0.5 ? 1 : 0)),
  confidence: Float64Array.from(rows, ([, , confidence]) => confidence),
});

const grade = fc.constantFrom(0, 1);
const anyRows = fc.array(fc.tuple(grade, grade, fc.constantFrom(-2, -1, 0, 0.25, 3, NaN)), {
  minLength: 2,
  maxLength: 60,
});

const close = (
  a: MetricValue | undefined,
  b: MetricValue | undefined,
  what: string,
  tolerance = 1e-9,
): void => {
  if (a?.value === null || b?.value === null) expect(a?.value, what).to.equal(b?.value);
  else expect(a?.value, what).to.be.closeTo(b?.value as number, tolerance);
};

/** 400 questions with a clear gap, and the gain of escalating each. */
function questions(seed: number): {
  readonly rows: (readonly [number, number])[];
  readonly noise: number[];
} {
  const random = seededRandom(seed);
  const rows = Array.from(
    { length: 400 },
    () => [random.float() < 0.5 ? 1 : 0, random.float() < 0.85 ? 1 : 0] as const,
  );
  return { rows, noise: rows.map(() => random.normal()) };
}

describe('metrics', () => {
  it('do not depend on the order of the rows', () => {
    fc.assert(
      fc.property(anyRows, fc.integer(), (rows, seed) => {
        const [own, shuffled] = [
          measure(METRICS, table(rows), DEFAULT_SETTINGS),
          measure(METRICS, table(seededRandom(seed).shuffle(rows)), DEFAULT_SETTINGS),
        ];
        // mpm, hcr and cpt compare levels for equality, which the last bit of a sum taken in
        // another order may turn.
        for (const { name } of PLAIN_METRICS.filter(
          (metric) => !/^(mpm|hcr|cpt)/.test(metric.name),
        ))
          close(own[name], shuffled[name], name);
      }),
      { numRuns: 100 },
    );
  });

  it('do not change under a growing transform of the confidence', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const own = measure(METRICS, table(rows), DEFAULT_SETTINGS);
        const moved = measure(
          METRICS,
          table(
            rows.map(
              ([weak, strong, confidence]) => [weak, strong, Math.exp(confidence) * 3 + 5] as const,
            ),
          ),
          DEFAULT_SETTINGS,
        );
        // RouteLLM's thresholds lie between confidences, so only its crossing of two groups may
        // move with their distance.
        for (const { name } of PLAIN_METRICS.filter(
          (metric) => !['auc', 'apgr', 'cpt20', 'cpt50', 'cpt80'].includes(metric.name),
        ))
          close(own[name], moved[name], name);
      }),
      { numRuns: 100 },
    );
  });

  it('take ties at their mean over all orders', () => {
    const { rows } = questions(5);
    const tied = rows.map(([weak, strong], i) => [weak, strong, i % 4] as const);
    const own = measure(METRICS, table(tied), DEFAULT_SETTINGS);
    const random = seededRandom('ties');
    const draws = 400;
    const sums: Record<string, number> = {};
    for (let draw = 0; draw < draws; draw++) {
      const broken = measure(
        METRICS,
        table(
          tied.map(
            ([weak, strong, confidence]) =>
              [weak, strong, confidence + random.float() * 1e-3] as const,
          ),
        ),
        DEFAULT_SETTINGS,
      );
      for (const name of ['auroc', 'lpm-exact', 'apgr-exact', 'pgr20', 'mpm-exact'])
        sums[name] = (sums[name] ?? 0) + (broken[name]?.value ?? NaN) / draws;
    }
    for (const [name, mean] of Object.entries(sums))
      expect(own[name]?.value, name).to.be.closeTo(mean, 0.01);
  });

  it('on the exact curve never get worse for a better ordering', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 0, max: 398 }),
        (seed, position) => {
          const { rows, noise } = questions(seed);
          const order = rows
            .map((_, i) => i)
            .sort((a, b) => (noise[a] as number) - (noise[b] as number));
          const rank = new Float64Array(rows.length);
          order.forEach((row, at) => (rank[row] = at));
          const worse = measure(
            METRICS,
            table(rows.map(([weak, strong], i) => [weak, strong, rank[i] as number] as const)),
            DEFAULT_SETTINGS,
          );
          // put one neighbouring pair right: the row that gains more from the strong model goes
          // first
          const [a, b] = [order[position] as number, order[position + 1] as number];
          const gain = (i: number): number => (rows[i]?.[1] as number) - (rows[i]?.[0] as number);
          if (gain(a) < gain(b)) [rank[a], rank[b]] = [rank[b] as number, rank[a] as number];
          const better = measure(
            METRICS,
            table(rows.map(([weak, strong], i) => [weak, strong, rank[i] as number] as const)),
            DEFAULT_SETTINGS,
          );
          for (const name of [
            'lpm-exact',
            'mpm-exact',
            'hcr-exact',
            'apgr-exact',
            'pgr20',
            'pgr50',
          ])
            expect(better[name]?.value, name).to.be.at.least(
              (worse[name]?.value as number) - 1e-12,
            );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('climb a ladder of ever less noisy oracles', () => {
    const { rows, noise } = questions(11);
    const steps = [3, 1, 0.3, 0].map((level) =>
      measure(
        METRICS,
        table(
          rows.map(
            ([weak, strong], i) =>
              [weak, strong, weak - strong + level * (noise[i] as number)] as const,
          ),
        ),
        DEFAULT_SETTINGS,
      ),
    );
    for (const name of ['lpm-exact', 'mpm-exact', 'hcr-exact', 'apgr-exact']) {
      const values = steps.map((step) => step[name]?.value as number);
      expect(values, name).to.deep.equal([...values].sort((a, b) => a - b));
    }
  });

  it('give a constant router a true 0.5 and the straight line', () => {
    const { rows } = questions(3);
    const flat = measure(
      METRICS,
      table(rows.map(([weak, strong]) => [weak, strong, 7] as const)),
      DEFAULT_SETTINGS,
    );
    expect(flat['auroc']).to.deep.equal({ value: 0.5 });
    expect(flat['apgr-exact']?.value).to.be.closeTo(0.5, 1e-12);
    expect(flat['hcr-exact']?.value).to.be.closeTo(0.1, 1e-12);
  });

  it('turn to one minus themselves when confidence is negated (auroc)', () => {
    const { rows, noise } = questions(8);
    const way = (sign: number): number =>
      measure(
        METRICS,
        table(
          rows.map(([weak, strong], i) => [weak, strong, sign * (noise[i] as number)] as const),
        ),
        DEFAULT_SETTINGS,
      )['auroc']?.value as number;
    expect(way(1) + way(-1)).to.be.closeTo(1, 1e-12);
  });

  it('are null with a reason without rows', () => {
    for (const value of Object.values(measure(METRICS, table([]), DEFAULT_SETTINGS)))
      expect(value).to.have.property('reason').that.contains('no rows');
  });
});

describe('sorting', () => {
  it('is that of the numbers, NaN first, for few and for many', () => {
    for (const n of [10, 5000, 20_000]) {
      const random = seededRandom(n);
      const values = Float64Array.from({ length: n }, (_, i) => {
        if (i % 17 === 0) return NaN;
        if (i % 13 === 0) return -0;
        if (i % 11 === 0) return 0;
        if (i % 7 === 0) return -Infinity;
        return random.normal() * 10 ** random.int(-300, 300);
      });
      const order = ascending(values);
      expect(new Set(order).size).to.equal(n);
      const key = (i: number): number =>
        Number.isNaN(values[i]) ? -Infinity : (values[i] as number);
      const nans = values.filter((value) => Number.isNaN(value)).length;
      for (let at = 0; at < n; at++) {
        expect(Number.isNaN(values[order[at] as number]), `position ${at}`).to.equal(at < nans);
        if (at > nans) expect(key(order[at - 1] as number)).to.be.at.most(key(order[at] as number));
      }
    }
  });

  it('makes one tie group of 0 and -0', () => {
    const groupEnds = (rows: ScoredRows): Uint32Array =>
      new SortedRows(new RowTotals(rows), rows.confidence).groupEnds;
    expect([
      ...groupEnds(
        table([
          [1, 1, 0],
          [0, 1, -0],
          [1, 1, 2],
        ]),
      ),
    ]).to.deep.equal([2, 3]);
    const many = Array.from({ length: 9000 }, (_, i) => [1, 1, i % 2 === 0 ? 0 : -0] as const);
    expect(groupEnds(table(many))).to.have.length(1);
  });
});

describe('controls', () => {
  const { rows } = questions(21);
  const scored = table(rows.map(([weak, strong]) => [weak, strong, 0] as const));

  it('random is 0.5 and 50 exactly', () => {
    const { metrics } = measureControl(METRICS, 'random', scored, DEFAULT_SETTINGS);
    expect([
      metrics['auroc']?.value,
      metrics['apgr']?.value,
      metrics['cpt50']?.value,
    ]).to.deep.equal([0.5, 0.5, 50]);
  });

  it('oracle is beaten by no router, and always-weak and always-strong are points', () => {
    const oracle = measureControl(METRICS, 'oracle', scored, DEFAULT_SETTINGS).metrics;
    const random = seededRandom(2);
    for (let draw = 0; draw < 20; draw++) {
      const other = measure(
        METRICS,
        table(
          rows.map(
            ([weak, strong]) =>
              [weak, strong, random.float() + (weak - strong) * random.float()] as const,
          ),
        ),
        DEFAULT_SETTINGS,
      );
      for (const name of ['lpm-exact', 'mpm-exact', 'hcr-exact', 'apgr-exact'])
        expect(oracle[name]?.value).to.be.at.least(other[name]?.value as number);
    }
    const [weak, strong] = [
      measureControl(METRICS, 'always-weak', scored, DEFAULT_SETTINGS),
      measureControl(METRICS, 'always-strong', scored, DEFAULT_SETTINGS),
    ];
    expect(weak.curve[0]?.[0]).to.equal(0);
    expect(strong.curve[0]?.[0]).to.equal(1);
    expect(weak.metrics['auroc']).to.have.property('value', null);
  });

  it('have every metric, with few rows and none', () => {
    for (const control of CONTROLS) {
      for (const some of [table([]), table([[1, 1, 0]])])
        expect(
          Object.keys(measureControl(METRICS, control, some, DEFAULT_SETTINGS).metrics),
        ).to.deep.equal(PLAIN_METRICS.map(({ name }) => name));
    }
  });
});

describe('rows without a grade or a confidence', () => {
  it('are counted, and seen in three ways', () => {
    const raw = [
      { weak: 10, strong: 10, confidence: 1 },
      { weak: null, strong: 10, confidence: 2 },
      { weak: 1, strong: null, confidence: 3 },
      { weak: 5.5, strong: 10, confidence: null },
    ];
    const { headline, fixedDenominator, withoutNulls, counts } = buildRowViews(raw, {
      scale: [1, 10],
      getLabel: (weak, strong) => (weak >= strong ? 1 : 0),
    });
    expect(counts).to.deep.equal({
      total: 4,
      scored: 2,
      nullWeak: 1,
      nullStrong: 1,
      nullConfidence: 1,
    });
    expect([...headline.weak]).to.deep.equal([1, 0.5]);
    expect([...headline.label]).to.deep.equal([1, 0]);
    expect(headline.confidence[1]).to.satisfy(Number.isNaN);
    expect([...fixedDenominator.weak]).to.deep.equal([1, 0, 0, 0.5]);
    expect([...fixedDenominator.strong]).to.deep.equal([1, 1, 0, 1]);
    expect([...withoutNulls.weak]).to.deep.equal([1]);
  });

  it('without a confidence are escalated first, as one tie', () => {
    const curve = buildCurve(
      table([
        [0, 1, NaN],
        [1, 1, NaN],
        [1, 1, -1e300],
      ]),
    );
    expect([0, 1, 2, 3].map((k) => Number(curve.scoreAt(k).toFixed(6)))).to.deep.equal([
      0.666667, 0.833333, 1, 1,
    ]);
  });
});

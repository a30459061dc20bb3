import { expect } from 'chai';
import fc from 'fast-check';
import { measureControl } from '../../../../analysis/metrics/controls.js';
import { measure } from '../../../../analysis/metrics/measure.js';
import { arenaScore } from '../../../../plugins/metrics/_cost/arena-score.js';
import {
  DEFAULT_SETTINGS,
  type RowCosts,
  type ScoredRows,
} from '../../../../analysis/metrics/types.js';
import { COST_METRICS, METRICS } from '../../../support/metrics.js';
import { golden } from '../../../support/golden.js';

interface Row {
  readonly weak: number;
  readonly strong: number;
  readonly confidence: number;
  readonly costs?: readonly [number, number];
}

const toRows = (rows: readonly Row[]): ScoredRows => ({
  n: rows.length,
  weak: Float64Array.from(rows, ({ weak }) => weak),
  strong: Float64Array.from(rows, ({ strong }) => strong),
  label: Uint8Array.from(rows, ({ weak }) => (weak >= 1 ? 1 : 0)),
  confidence: Float64Array.from(rows, ({ confidence }) => confidence),
  ...(rows.some(({ costs }) => costs !== undefined)
    ? {
        cost: {
          weak: Float64Array.from(rows, ({ costs }) => costs?.[0] ?? NaN),
          strong: Float64Array.from(rows, ({ costs }) => costs?.[1] ?? NaN),
        },
      }
    : {}),
});

const value = (
  metrics: Readonly<Record<string, { readonly value: number | null }>>,
  name: string,
): number => metrics[name]?.value ?? NaN;

describe('metrics of cost', () => {
  it('give the arena scores of RouterArena\u2019s published leaderboard, to 0.04', async () => {
    const { rows } = await golden<{
      readonly rows: readonly (readonly [string, number, number, number])[];
    }>('routerarena-leaderboard.json');
    expect(rows).to.have.length(23);
    for (const [router, accuracy, cost, arena] of rows)
      expect(arenaScore(accuracy / 100, cost), router).to.be.closeTo(arena, 0.04);
  });

  it('give the figures of two recorded models of RouterArena, the stronger of which is the cheaper', async () => {
    const { rows } = await golden<{
      readonly rows: readonly (readonly [number, number, number, number])[];
    }>('routerarena-sub10.json');
    const scored = toRows(
      rows.map(([weak, weakCost, strong, strongCost], i) => ({
        weak,
        strong,
        confidence: i % 7,
        costs: [weakCost, strongCost],
      })),
    );
    const control = (
      name: 'always-weak' | 'always-strong' | 'oracle',
    ): ReturnType<typeof measureControl> => measureControl(METRICS, name, scored, DEFAULT_SETTINGS);
    expect(control('always-weak').curve[0]?.[1]).to.be.closeTo(0.523356, 1e-6);
    expect(value(control('always-weak').metrics, 'cost')).to.be.closeTo(0.175992, 1e-6);
    expect(control('always-strong').curve[0]?.[1]).to.be.closeTo(0.690119, 1e-6);
    expect(value(control('always-strong').metrics, 'cost')).to.be.closeTo(0.047491, 1e-6);
    expect(value(control('oracle').metrics, 'cost')).to.be.closeTo(0.056783, 1e-6);
    expect(value(control('always-strong').metrics, 'oracle-score-ratio')).to.be.closeTo(
      0.690119 / 0.740773,
      1e-6,
    );
    expect(value(control('oracle').metrics, 'best-choice')).to.equal(1);
    expect(value(control('oracle').metrics, 'arena')).to.be.closeTo(
      arenaScore(0.740773, 0.056783),
      1e-3,
    );
    const measured = measure(METRICS, scored, DEFAULT_SETTINGS);
    for (const { name } of COST_METRICS)
      if (name !== 'score-half-cost') expect(measured[name]?.value, name).to.be.a('number');
    expect(measured['score-half-cost']).to.deep.equal({
      value: null,
      reason: 'no call rate costs as little as half of what the strong model alone costs',
    });
    expect(value(measured, 'cost-equal-quality')).to.be.at.most(0.047491 + 1e-6);
  });

  it('are null, with their number, where some costs are not known, and not there where none is', () => {
    const some = measure(
      METRICS,
      toRows([
        { weak: 1, strong: 1, confidence: 1, costs: [1, 2] },
        { weak: 0, strong: 1, confidence: 0 },
      ]),
      DEFAULT_SETTINGS,
    );
    for (const { name } of COST_METRICS)
      expect(some[name]).to.deep.equal({
        value: null,
        reason: 'the cost of 1 of 2 rows is not known',
      });
    expect(
      measure(METRICS, toRows([{ weak: 1, strong: 1, confidence: 1 }]), DEFAULT_SETTINGS),
    ).to.not.have.any.keys(...COST_METRICS.map(({ name }) => name));
  });

  it('compare routers at equal total cost: what deciding takes is not free', () => {
    // ten queries, $1 weak and $10 strong each: half of the strong model alone is $50
    const score = (deciding: number, cascade: boolean): number | null | undefined => {
      const rows = Array.from({ length: 10 }, (_, i) => ({
        weak: i < 5 ? 0 : 1,
        strong: 1,
        confidence: i,
        costs: [1 + deciding, 10 + deciding + (cascade ? 1 : 0)] as const,
      }));
      const scored = toRows(rows);
      const cost = scored.cost as RowCosts;
      return measure(
        METRICS,
        { ...scored, cost: { ...cost, strongAlone: new Float64Array(10).fill(10) } },
        DEFAULT_SETTINGS,
      )['score-half-cost']?.value;
    };
    // (50 − 10) / (10 − 1) calls; a cascade pays for the first answer, too: (50 − 10) / 10
    expect(score(0, false)).to.be.closeTo((5 + 40 / 9) / 10, 1e-12);
    expect(score(0, true)).to.be.closeTo((5 + 4) / 10, 1e-12);
    expect(score(2, false)).to.be.closeTo((5 + 20 / 9) / 10, 1e-12);
    expect(score(4, false)).to.equal(0.5);
    expect(score(5, false)).to.equal(null);
    expect(
      value(
        measure(
          METRICS,
          toRows([{ weak: 1, strong: 1, confidence: 0, costs: [3, 1] }]),
          DEFAULT_SETTINGS,
        ),
        'score-half-cost',
      ),
    ).to.be.NaN;
  });

  it('have the values of a case that is done by hand', () => {
    // four queries, $1 weak and $3 strong each; the router sends the two that the weak model gets
    // wrong, one of which the strong one gets right
    const rows = toRows([
      { weak: 0, strong: 1, confidence: 0, costs: [1, 3] },
      { weak: 0, strong: 0, confidence: 1, costs: [1, 3] },
      { weak: 1, strong: 1, confidence: 2, costs: [1, 3] },
      { weak: 1, strong: 0, confidence: 3, costs: [1, 3] },
    ]);
    const metrics = measure(METRICS, rows, DEFAULT_SETTINGS);
    expect(value(metrics, 'cost')).to.equal(2000);
    expect(value(metrics, 'best-choice')).to.equal(0.75);
    expect(value(metrics, 'oracle-cost-ratio')).to.equal(1.5 / 2);
    expect(value(metrics, 'oracle-score-ratio')).to.equal(1);
    expect(value(metrics, 'opt-sel')).to.equal(1); // three right answers, none of them cheaper
    expect(value(metrics, 'opt-cost')).to.equal(1);
    // always-weak is as good as always-strong
    expect(value(metrics, 'cost-equal-quality')).to.equal(1000);
    expect(value(metrics, 'cost-saved')).to.be.closeTo(200 / 3, 1e-9);
    // the hull: 0.5 at $1, 0.75 at $1.5, flat to $3
    expect(value(metrics, 'aiq')).to.be.closeTo((0.5 * 0.625 + 1.5 * 0.75) / 2, 1e-12);
  });

  it('judge optimality as RouterArena does: among the queries that were answered right', () => {
    // four that neither model gets right, two that both do, two that only the strong one does
    const rows = toRows(
      [
        [0, 0],
        [0, 0],
        [0, 0],
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 1],
        [0, 1],
      ].map(([weak = 0, strong = 0], i) => ({
        weak,
        strong,
        confidence: -i,
        costs: [0.001, 0.01] as const,
      })),
    );
    const control = (name: 'always-weak' | 'always-strong' | 'oracle') => {
      const { metrics } = measureControl(METRICS, name, rows, DEFAULT_SETTINGS);
      return ['opt-sel', 'opt-cost', 'oracle-score-ratio'].map((metric) => value(metrics, metric));
    };
    expect(control('always-weak')).to.deep.equal([1, 1, 0.5]);
    const [sel, cost, accuracy] = control('always-strong');
    expect([sel, accuracy]).to.deep.equal([0.5, 1]);
    expect(cost).to.be.closeTo((2 * 0.01 + 2 * 0.001) / (4 * 0.01), 1e-12);
    expect(control('oracle')).to.deep.equal([1, 1, 1]);
    // the router escalates the four that a model gets right: as always-strong does
    const measured = measure(METRICS, rows, DEFAULT_SETTINGS);
    expect(value(measured, 'opt-sel')).to.equal(0.5);
    expect(value(measured, 'opt-cost')).to.be.closeTo(0.55, 1e-12);
    // ties are expectations: half of each group is escalated, so of 3 right answers 2 are cheapest
    const tied = measure(METRICS, { ...rows, confidence: new Float64Array(8) }, DEFAULT_SETTINGS);
    expect(value(tied, 'opt-sel')).to.be.closeTo(2 / 3, 1e-12);
    expect(value(tied, 'opt-cost')).to.be.closeTo((0.002 + 0.01) / (0.001 + 0.01 + 0.01), 1e-12);
    // nobody right: no value
    const wrong = toRows([{ weak: 0, strong: 0.5, confidence: 0, costs: [1, 2] }]);
    expect(measure(METRICS, wrong, DEFAULT_SETTINGS)['opt-sel']).to.deep.equal({
      value: null,
      reason: 'no answer has full marks',
    });
  });

  it('put aiq at least as high as the straight line between the models, and no higher than the best score', () => {
    const cell = fc.record({
      weak: fc.integer({ min: 0, max: 1 }),
      strong: fc.integer({ min: 0, max: 1 }),
      confidence: fc.integer({ min: 0, max: 5 }),
      costs: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })),
    });
    fc.assert(
      fc.property(fc.array(cell, { minLength: 2, maxLength: 40 }), (given) => {
        const rows = toRows(given as readonly Row[]);
        const aiq = measure(METRICS, rows, DEFAULT_SETTINGS)['aiq'];
        if (aiq?.value === null || aiq === undefined) return;
        const mean = (list: Float64Array): number =>
          list.reduce((sum, one) => sum + one, 0) / list.length;
        const [w, s] = [mean(rows.weak), mean(rows.strong)];
        expect(aiq.value).to.be.at.least((w + s) / 2 - 1e-9);
        expect(aiq.value).to.be.at.most(1 + 1e-9);
      }),
    );
  });
});

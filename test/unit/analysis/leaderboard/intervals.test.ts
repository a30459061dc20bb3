import { expect } from 'chai';
import { seededRandom } from '../../../../core/index.js';
import { buildLeaderboard } from '../../../../analysis/leaderboard/leaderboard.js';
import {
  renderLeaderboardTable,
  uncertaintyText,
} from '../../../../plugins/reporters/_leaderboard/table.js';
import type { RouterResult } from '../../../../storage/results/types.js';
import { METRIC_NAMES } from '../../../support/metrics.js';

const result = (router: string, dataset: string, auroc: number, control = false): RouterResult => ({
  schema: 1,
  router,
  plugin: control ? null : router,
  package: 'p',
  version: 1,
  dataset,
  role: dataset === 'near' ? 'in-domain' : 'out-of-domain',
  group: null,
  cost: null,
  rows: { total: 100, scored: 100, nullWeak: 0, nullStrong: 0, nullConfidence: 0 },
  unranked: null,
  unverifiedReason: null,
  metrics: { auroc: { value: auroc } },
  fixedDenominator: {},
  withoutNulls: {},
  seeds: [{ seed: null, metrics: {} }],
  curve: [],
  provenance: {},
});

/** Resamples around the value, with an error of 0.01 of which routers share nothing. */
function simulateResamples({ router, dataset, metrics }: RouterResult): Float32Array {
  const random = seededRandom(`${router}/${dataset}`);
  const values = new Float32Array(1000 * METRIC_NAMES.length).fill(NaN);
  for (let b = 0; b < 1000; b++)
    values[b * METRIC_NAMES.length + METRIC_NAMES.indexOf('auroc')] =
      (metrics['auroc']?.value as number) + 0.01 * random.normal();
  return values;
}

describe('the board with intervals', () => {
  const results = [
    result('best', 'near', 0.9),
    result('best', 'far-1', 0.9),
    result('best', 'far-2', 0.8),
    result('even', 'near', 0.7),
    result('even', 'far-1', 0.702),
    result('even', 'far-2', 0.702),
    result('odd', 'near', 0.7),
    result('odd', 'far-1', 0.7),
    result('odd', 'far-2', 0.7),
    result('random', 'near', 0.5, true),
    result('random', 'far-1', 0.5, true),
    result('random', 'far-2', 0.5, true),
  ];
  const options = {
    run: 'r',
    rankedBy: { metric: 'auroc', column: 'OOD AVG' },
    higherIsBetter: true,
    provenance: {},
  };
  const board = buildLeaderboard(results, {
    ...options,
    resampled: {
      level: 0.95,
      resamples: 1000,
      metrics: METRIC_NAMES,
      getValues: (one) => (one.plugin === null ? undefined : simulateResamples(one)),
    },
  });
  const row = (name: string) => board.rows.find(({ router }) => router === name);

  it('has them on averages, narrower than those of one set, and on the drop', () => {
    const average = row('best')?.metrics['OOD AVG']?.['auroc'];
    const [low, high] = (average?.value !== null && average?.ci) || [NaN, NaN];
    expect([low, high]).to.satisfy(([a, b]: [number, number]) => a < 0.85 && b > 0.85);
    expect(high - low).to.be.closeTo((2 * 1.96 * 0.01) / Math.SQRT2, 0.003);
    expect(row('best')?.metrics['OOD AVG']?.['auroc-drop']).to.have.property('ci');
    expect(row('random')?.metrics['OOD AVG']?.['auroc']).to.deep.equal({ value: 0.5 });
  });

  it('gives routers that cannot be told apart the same range of ranks, and says how small a gap could be found', () => {
    expect([row('best')?.rankRange, row('even')?.rankRange, row('odd')?.rankRange]).to.deep.equal([
      [1, 1],
      [2, 3],
      [2, 3],
    ]);
    expect([row('even')?.rank, row('odd')?.rank]).to.deep.equal([2, 3]);
    expect(board.uncertainty).to.include({ resamples: 1000, level: 0.95, pairs: 3 });
    expect(board.uncertainty?.detectableGap).to.be.closeTo(2.8 * 0.01, 0.004);
    expect(
      renderLeaderboardTable(board, {
        metric: 'auroc',
        better: 'higher',
        colour: false,
      }),
    )
      .to.match(/\| +2–3 \| odd/)
      .and.to.match(/0\.700 \[0\.6\d\d, 0\.7\d\d\]/);
    expect(uncertaintyText(board)).to.contain('3 paired tests (Holm)').and.to.contain('0.028');
    const textOf = (pairs: number): string | undefined =>
      board.uncertainty &&
      uncertaintyText({ ...board, uncertainty: { ...board.uncertainty, pairs } });
    expect(textOf(1)).to.contain('1 paired test (Holm)');
    expect(textOf(0)).not.to.contain('paired');
  });

  it('has no interval on an average of which a set has none, names the set, and tests no ranks', () => {
    const few = 'only 12 independent queries with label 0, fewer than 20';
    const floored = buildLeaderboard(
      results.map((one) =>
        one.dataset === 'far-2' && one.plugin !== null
          ? { ...one, metrics: { auroc: { value: 0.7, noCi: few } } }
          : one,
      ),
      {
        ...options,
        resampled: {
          level: 0.95,
          resamples: 1000,
          metrics: METRIC_NAMES,
          getValues: (one) =>
            one.dataset === 'far-2' || one.plugin === null ? undefined : simulateResamples(one),
        },
      },
    );
    const best = floored.rows.find(({ router }) => router === 'best');
    expect(best?.metrics['OOD AVG']?.['auroc']).to.have.property('noCi', `far-2: ${few}`);
    expect(best?.metrics['ID AVG']?.['auroc']).to.have.property('ci');
    expect(best?.rankRange).to.deep.equal([1, 3]);
    expect(floored.uncertainty).to.include({ pairs: 0, untested: `far-2: ${few}` });
    const table = renderLeaderboardTable(floored, {
      metric: 'auroc',
      better: 'higher',
      colour: false,
    });
    expect(table).to.match(/\| +1–3 \| best/);
    expect(table, 'the column is marked with the reason, once').to.match(/OOD AVG \[\d\]/);
    expect(table.match(/\[\d\] no interval: far-2: only 12/g)).to.have.length(1);
    expect(uncertaintyText(floored)).to.contain(`No ranks: far-2: ${few}`);
  });

  it('takes the fewest queries of the rarer label of all sets of an average', () => {
    const width = (rarerLabel: number): number => {
      const one = buildLeaderboard(
        results.map((item) => ({
          ...item,
          rarerLabel: item.dataset === 'far-1' ? rarerLabel : 1000,
        })),
        {
          ...options,
          resampled: {
            level: 0.95,
            resamples: 1000,
            metrics: METRIC_NAMES,
            getValues: (item) => (item.plugin === null ? undefined : simulateResamples(item)),
          },
        },
      );
      const cell = one.rows.find(({ router }) => router === 'best')?.metrics['OOD AVG']?.['auroc'];
      return cell?.value !== null && cell?.ci !== undefined ? cell.ci[1] - cell.ci[0] : NaN;
    };
    expect(width(20) / width(1000)).to.be.closeTo(2.093 / 1.96, 0.02);
  });

  it('says why an average has none where a set has no resamples', () => {
    const partly = buildLeaderboard(results, {
      ...options,
      resampled: {
        level: 0.95,
        resamples: 1000,
        metrics: METRIC_NAMES,
        getValues: (one) =>
          one.dataset === 'far-2' || one.plugin === null ? undefined : simulateResamples(one),
      },
    });
    const best = partly.rows.find(({ router }) => router === 'best');
    expect(best?.metrics['OOD AVG']?.['auroc']).to.have.property(
      'noCi',
      'a set of the average has none',
    );
    expect(best?.metrics['ID AVG']?.['auroc']).to.have.property('ci');
    expect(best?.rankRange, 'nothing was tested, so every rank is possible').to.deep.equal([1, 3]);
    expect(partly.uncertainty).to.include({
      pairs: 0,
      detectableGap: null,
      untested: 'a set of the average has none',
    });
    expect(uncertaintyText(partly)).to.contain('No ranks').and.contain('a set of the average');
  });
});

import { expect } from 'chai';
import {
  getLeaderboardOptions,
  buildLeaderboard,
} from '../../../../../analysis/leaderboard/leaderboard.js';
import {
  hasRobustness,
  robustnessCsv,
  robustnessMarkdown,
  robustnessTable,
  robustnessText,
} from '../../../../../plugins/reporters/_leaderboard/robustness.js';
import { renderLeaderboardTable } from '../../../../../plugins/reporters/_leaderboard/table.js';
import { ConfigSchema } from '../../../../../core/config-schema.js';
import type {
  LeaderboardRow,
  Leaderboard,
  Measured,
  Robustness,
  RouterResult,
} from '../../../../../storage/results/types.js';
import { lookUpReasons } from '../../../../../analysis/leaderboard/robustness.js';

const toMeasured = (value: number | null): Measured =>
  value === null ? { value, reason: 'the decisions do not depend on the query' } : { value };
const robustness = (
  share: number,
  kappa: number | null,
  lookUp: string | null = null,
  kinds: Robustness['kinds'] = [],
): Robustness => {
  const values = {
    robustness: toMeasured(share),
    kappa: toMeasured(kappa),
    selectionEntropy: toMeasured(kappa === null ? 0 : 1),
    selectionEntropyPerturbed: toMeasured(0.5),
    auroc: toMeasured(0.9),
    aurocPerturbed: toMeasured(0.6),
  };
  return {
    callRate: 0.5,
    queries: 100,
    ...values,
    kinds: kinds.length > 0 ? kinds : [{ kind: 'case', queries: 90, ...values }],
    lookUp,
  };
};
const result = (
  router: string,
  dataset: string,
  auroc: number,
  own: Robustness | undefined,
  over: Partial<RouterResult> = {},
): RouterResult => ({
  schema: 1,
  router,
  plugin: router,
  package: 'here',
  version: 1,
  dataset,
  role: 'out-of-domain',
  group: null,
  rows: { total: 100, scored: 100, nullWeak: 0, nullStrong: 0, nullConfidence: 0 },
  cost: null,
  unranked: null,
  unverifiedReason: null,
  metrics: { auroc: toMeasured(auroc) },
  fixedDenominator: {},
  withoutNulls: {},
  seeds: [],
  curve: [],
  provenance: {},
  ...(own === undefined ? {} : { robustness: own }),
  ...over,
});
const config = ConfigSchema.parse({
  models: { weak: { use: 'a' }, strong: { use: 'b' } },
  datasets: { inDomain: ['c'], outOfDomain: ['x', 'y'] },
  routers: ['r'],
});
const buildBoard = (results: readonly RouterResult[]): Leaderboard =>
  buildLeaderboard(results, getLeaderboardOptions(config, [], {}));

const TABLE = 'it has no preference among the queries of x in other words';
const mixed = buildBoard([
  result('honest', 'x', 0.8, robustness(0.9, 0.8)),
  result('honest', 'y', 0.8, robustness(0.7, 0.4)),
  result('table', 'x', 1, robustness(0.5, 0, TABLE)),
  result('table', 'y', 1, robustness(0.5, 0)),
  result('always-weak', 'x', 0.5, robustness(1, null), { plugin: null }),
  result('always-weak', 'y', 0.5, robustness(1, null), { plugin: null }),
  result('unseen', 'x', 0.7, undefined),
  result('unseen', 'y', 0.7, undefined),
]);
const row = (router: string): LeaderboardRow =>
  mixed.rows.find((one) => one.router === router) as LeaderboardRow;

describe('robustness on the board', () => {
  it('is a line a router that was looked at: means over sets, none where a set has none', () => {
    const lines = robustnessTable(mixed)
      .split('\n')
      .map((line) =>
        line
          .split('|')
          .map((cell) => cell.trim())
          .slice(1, -1),
      );
    expect(lines[0]).to.deep.equal([
      'router',
      'robustness',
      'selection entropy',
      'kappa',
      'case',
      'auroc',
      '… reworded',
    ]);
    expect(lines.slice(2, 5)).to.deep.equal([
      ['honest', '0.800', '1.000', '0.600', '0.800', '0.900', '0.600'],
      ['table [1]', '0.500', '1.000', '0.000', '0.500', '0.900', '0.600'],
      ['(always-weak)', '1.000', '0.000', '–', '1.000', '0.900', '0.600'],
    ]);
    expect(robustnessTable(mixed)).to.contain(`[1] behaves as a look-up table: ${TABLE}`);
    expect(robustnessText(mixed))
      .to.contain('at 50 % calls')
      .and.to.contain('100 test queries of a set')
      .and.to.contain('(case)');
  });

  it('leaves a look-up table without a rank, with the reason, and says nothing of the others', () => {
    expect([row('table').rank, row('table').unranked]).to.deep.equal([
      null,
      `behaves as a look-up table: ${TABLE}`,
    ]);
    expect(lookUpReasons(row('table'))).to.deep.equal([TABLE]);
    expect([row('honest').rank, row('unseen').rank, row('honest').unranked]).to.deep.equal([
      1,
      2,
      null,
    ]);
    const drawn = renderLeaderboardTable(mixed, {
      metric: 'auroc',
      better: 'higher',
      colour: true,
    });
    expect(drawn).to.contain(`not ranked: behaves as a look-up table: ${TABLE}`);
    expect(drawn.match(/\u001b\[1m([\d.]+)/)?.[1], 'the best value is that of a router').to.equal(
      '0.800',
    );
  });

  it('has a section of Markdown with each set, and lines of CSV for each set and kind', () => {
    const markdown = robustnessMarkdown(mixed).join('\n');
    expect(markdown)
      .to.contain('| honest | 0.900 (0.800) | 0.700 (0.400) |')
      .and.to.contain('| (always-weak) | 1.000 (–) | 1.000 (–) |');
    const csv = robustnessCsv(mixed).trim().split('\n');
    expect(csv).to.have.length(1 + 2 * 3 * 2);
    expect(csv[1]).to.equal('honest,x,all,100,0.9,0.8,1,0.5,0.9,0.6,');
    expect(csv[2]).to.equal('honest,x,case,90,0.9,0.8,,,,,');
    expect(csv.find((line) => line.startsWith('table,x,all'))).to.contain(TABLE);
  });

  it('is nothing where no router was looked at', () => {
    const none = buildBoard([result('honest', 'x', 0.8, undefined)]);
    expect(hasRobustness(none)).to.equal(false);
    expect(robustnessMarkdown(none)).to.deep.equal([]);
    expect(none.rows[0]).not.to.have.property('robustness');
  });
});

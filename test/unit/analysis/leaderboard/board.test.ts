import { expect } from 'chai';
import { METRIC_DEFINITIONS } from '../../../support/metrics.js';
import { buildLeaderboard } from '../../../../analysis/leaderboard/leaderboard.js';
import {
  leaderboardMarkdown,
  metricMarkdown,
} from '../../../../plugins/reporters/_leaderboard/markdown.js';
import { curvesSvg } from '../../../../plugins/reporters/_curves/svg.js';
import { renderLeaderboardTable } from '../../../../plugins/reporters/_leaderboard/table.js';
import type { Measured, RouterResult } from '../../../../storage/results/types.js';

const result = (
  router: string,
  dataset: string,
  auroc: number | Measured,
  over: Partial<RouterResult> = {},
): RouterResult => ({
  schema: 1,
  router,
  plugin: router,
  package: 'p',
  version: 1,
  dataset,
  role: dataset.startsWith('near') ? 'in-domain' : 'out-of-domain',
  group: null,
  cost: null,
  rows: { total: 10, scored: 10, nullWeak: 0, nullStrong: 0, nullConfidence: 0 },
  unranked: null,
  unverifiedReason: null,
  metrics: { auroc: typeof auroc === 'number' ? { value: auroc } : auroc },
  fixedDenominator: {},
  withoutNulls: {},
  seeds: [{ seed: null, metrics: {} }],
  curve: [
    [0, 0.2],
    [1, 0.8],
  ],
  provenance: {},
  ...over,
});
const options = {
  run: 'r',
  rankedBy: { metric: 'auroc', column: 'OOD AVG' },
  higherIsBetter: true,
  provenance: {},
};
const control = { plugin: null, package: null, version: null };

const SETS: readonly RouterResult[] = [
  result('b', 'near-1', 0.8),
  result('b', 'near-2', 0.6),
  result('b', 'far-1', 0.7),
  result('b', 'far-2', 0.5),
  result('a', 'near-1', 0.9),
  result('a', 'near-2', 0.9),
  result('a', 'far-1', 0.6),
  result('a', 'far-2', 0.6),
  result('c', 'near-1', 0.9),
  result('c', 'near-2', 0.9),
  result('c', 'far-1', 0.9),
  result('c', 'far-2', { value: null, reason: 'all labels are 1' }),
  result('d', 'near-1', 0.1),
  result('d', 'near-2', 0.1),
  result('d', 'far-1', 0.9),
  result('d', 'far-2', 0.9, { unranked: 'no opinion on 40.0 % of the rows' }),
  result('random', 'near-1', 0.5, control),
  result('random', 'near-2', 0.5, control),
  result('random', 'far-1', 0.5, control),
  result('random', 'far-2', 0.5, control),
];

describe('the board', () => {
  const board = buildLeaderboard(SETS, options);
  const row = (name: string) => board.rows.find(({ router }) => router === name);

  it('has the sets in their order, each role followed by its average', () => {
    expect(board.columns.map(({ name }) => name)).to.deep.equal([
      'near-1',
      'near-2',
      'ID AVG',
      'far-1',
      'far-2',
      'OOD AVG',
    ]);
    expect(row('b')?.metrics['ID AVG']?.['auroc']?.value).to.be.closeTo(0.7, 1e-12);
    expect(row('b')?.metrics['OOD AVG']?.['auroc-drop']?.value).to.be.closeTo(0.1, 1e-12);
  });

  it('ranks ties alike, then lists the unranked with their reason, then the controls', () => {
    expect(board.rows.map(({ router, rank }) => [router, rank])).to.deep.equal([
      ['a', 1],
      ['b', 1],
      ['c', null],
      ['d', null],
      ['random', null],
    ]);
    expect(row('c')?.unranked).to.equal('far-2: all labels are 1');
    expect(row('d')?.unranked).to.equal('far-2: no opinion on 40.0 % of the rows');
    expect(row('random')?.control).to.equal(true);
  });

  it('shows what is unverified without a rank, and calls nothing of it best', () => {
    const reason = 'p ran with --trust';
    const reported = buildLeaderboard(
      [
        ...SETS,
        ...['near-1', 'near-2', 'far-1', 'far-2'].map((set) =>
          result('e', set, 0.99, { unverifiedReason: reason }),
        ),
      ],
      options,
    );
    expect(reported.rows.map(({ router, rank }) => [router, rank])).to.deep.equal([
      ['a', 1],
      ['b', 1],
      ['c', null],
      ['d', null],
      ['e', null],
      ['random', null],
    ]);
    expect(reported.rows[4]).to.include({
      unranked: `unverified: ${reason}`,
      unverifiedReason: reason,
    });
    expect(reported.rows[4]?.metrics['OOD AVG']?.['auroc']?.value).to.be.closeTo(0.99, 1e-12);

    const table = renderLeaderboardTable(reported, {
      metric: 'auroc',
      better: 'higher',
      colour: true,
    });
    expect(table)
      .to.match(/\| – \[\d\] +\| e /)
      .and.to.contain(`not ranked: unverified: ${reason}`);
    expect(table).to.contain('0.990').and.not.to.contain('\u001b[1m0.990');
    expect(leaderboardMarkdown(reported, METRIC_DEFINITIONS)).to.contain(
      'Unverified rows are shown and not ranked',
    );
    expect(leaderboardMarkdown(board, METRIC_DEFINITIONS)).not.to.contain('Unverified');
  });

  it('has no average where a column is missing or null, and says which', () => {
    expect(row('c')?.metrics['OOD AVG']?.['auroc']).to.deep.equal({
      value: null,
      reason: 'far-2: all labels are 1',
    });
    const without = buildLeaderboard(
      SETS.filter(({ router, dataset }) => router !== 'a' || dataset !== 'far-1'),
      options,
    );
    expect(
      without.rows.find(({ router }) => router === 'a')?.metrics['OOD AVG']?.['auroc'],
    ).to.deep.equal({ value: null, reason: 'far-1: not measured' });
  });

  it('averages groups first', () => {
    const grouped = buildLeaderboard(
      [
        result('a', 'near-1', 0.5),
        result('a', 'far-1', 0.9, { group: 'G' }),
        result('a', 'far-2', 0.7, { group: 'G' }),
        result('a', 'far-3', 0.4),
      ],
      options,
    );
    expect(grouped.rows[0]?.metrics['G']?.['auroc']?.value).to.be.closeTo(0.8, 1e-12);
    expect(grouped.rows[0]?.metrics['OOD AVG']?.['auroc']?.value).to.be.closeTo(0.6, 1e-12);
    const drawn = renderLeaderboardTable(grouped, {
      metric: 'auroc',
      better: 'higher',
      colour: false,
    });
    expect(drawn.split('\n')[0])
      .to.contain('G')
      .and.to.contain('far-3')
      .and.not.to.contain('far-1');
  });

  it('ranks the other way round where lower is better', () => {
    const lower = buildLeaderboard(
      SETS.filter(({ router }) => router < 'c'),
      { ...options, rankedBy: { metric: 'auroc', column: 'ID AVG' }, higherIsBetter: false },
    );
    expect(lower.rows.map(({ router }) => router)).to.deep.equal(['b', 'a']);
  });
});

describe('the table', () => {
  const board = buildLeaderboard(SETS, options);

  it('pastes into Markdown: one line a router, every line with the same columns, footnotes below', () => {
    const lines = renderLeaderboardTable(board, {
      metric: 'auroc',
      better: 'higher',
      colour: false,
    }).split('\n');
    const rows = lines.filter((line) => line.startsWith('|'));
    expect(rows).to.have.length(2 + board.rows.length);
    expect(new Set(rows.map((line) => line.split('|').length)).size).to.equal(1);
    expect(rows[1]).to.match(/^\|[-|]+\|$/);
    expect(lines.slice(rows.length)[0]).to.match(/^\[1\] /);
  });

  it('is bold at the best of a column only in colour, and shows the spread over seeds', () => {
    expect(renderLeaderboardTable(board, { metric: 'auroc', colour: false })).not.to.contain(
      '\u001b',
    );
    expect(
      renderLeaderboardTable(board, { metric: 'auroc', better: 'higher', colour: true }),
    ).to.contain('\u001b[1m0.900\u001b[22m');
    const seeded = buildLeaderboard(
      [result('a', 'near-1', { value: 0.6, spread: { min: 0.5, max: 0.7 } })],
      { ...options, rankedBy: { metric: 'auroc', column: 'ID AVG' } },
    );
    expect(
      renderLeaderboardTable(seeded, {
        metric: 'auroc',
        better: 'higher',
        colour: false,
      }),
    ).to.contain('0.600 ±0.100');
  });

  it('is drawn as several tables where a line would be too long, with every column once and the names in each', () => {
    const whole = renderLeaderboardTable(board, {
      metric: 'auroc',
      better: 'higher',
      colour: false,
    });
    expect(
      renderLeaderboardTable(board, {
        metric: 'auroc',
        better: 'higher',
        colour: false,
        width: 200,
      }),
    ).to.equal(whole);
    const narrow = renderLeaderboardTable(board, {
      metric: 'auroc',
      better: 'higher',
      colour: true,
      width: 50,
    });
    const plain = narrow.replace(/\u001b\[\d+m/g, '').split('\n');
    expect(
      Math.max(...plain.filter((line) => line.startsWith('|')).map((line) => line.length)),
    ).to.be.at.most(50);
    const heads = plain
      .filter((line) => /^\| +rank/.test(line))
      .map((line) =>
        line
          .split('|')
          .map((cell) => cell.trim())
          .filter((cell) => cell !== ''),
      );
    expect(heads.length).to.be.above(1);
    expect(heads.every(([rank, router]) => rank === 'rank' && router === 'router')).to.equal(true);
    expect(heads.flatMap((head) => head.slice(2))).to.deep.equal(
      board.columns.map(({ name }) => name),
    );
    expect(plain.filter((line) => line.startsWith('[1] '))).to.have.length(1);
    expect(
      renderLeaderboardTable(board, {
        metric: 'auroc',
        better: 'higher',
        colour: false,
        width: 1,
      }).match(/^\| +rank/gm),
    ).to.have.length(6);
  });

  it('is bold at the lowest value where lower is better', () => {
    const calls = (router: string, value: number): RouterResult =>
      result(router, 'near-1', 0.5, { metrics: { auroc: { value: 0.5 }, cpt50: { value } } });
    const lower = buildLeaderboard([calls('a', 40), calls('b', 30)], {
      ...options,
      rankedBy: { metric: 'cpt50', column: 'ID AVG' },
      higherIsBetter: false,
    });
    expect(renderLeaderboardTable(lower, { metric: 'cpt50', better: 'lower', colour: true }))
      .to.contain('\u001b[1m30.000\u001b[22m')
      .and.not.to.contain('\u001b[1m40.000');
  });

  it('stands in leaderboard.md: the metric of the ranks in every column, the others on the averages', () => {
    expect(leaderboardMarkdown(board, METRIC_DEFINITIONS))
      .to.contain('## auroc')
      .and.to.contain('0.700')
      .and.to.contain('[1] ')
      .and.to.not.contain('other metrics');
    const both = buildLeaderboard(
      SETS.map((one) => ({ ...one, metrics: { ...one.metrics, lpm: { value: 0.25 } } })),
      options,
    );
    const text = leaderboardMarkdown(both, METRIC_DEFINITIONS);
    expect(text.match(/^## .*/gm)).to.deep.equal([
      '## auroc',
      '## ID AVG, other metrics',
      '## OOD AVG, other metrics',
    ]);
    const averages = [...text.matchAll(/^## (.*), other metrics\n\n\| router \| (.*) \|$/gm)].map(
      ([, column, metrics]) => [column, metrics],
    );
    expect(averages).to.deep.equal([
      ['ID AVG', 'lpm'],
      ['OOD AVG', 'lpm'],
    ]);
    expect(metricMarkdown(both, 'lpm', METRIC_DEFINITIONS)).to.match(
      /^## lpm\n\nMean score at low call rates.*higher is better\.\n\n\| +rank/,
    );
  });
});

describe('the curves', () => {
  it('are one well-formed picture with a line a router and a dot a point, whatever the names', () => {
    const many = Array.from({ length: 30 }, (_, i) => result(`r<${i}>&"`, 'far-1', 0.5));
    const dots = result('always-weak', 'far-1', 0.5, { ...control, curve: [[0, 0.2]] });
    const svg = curvesSvg('far <1>', [...many, dots]);
    expect(svg.match(/<path /g)).to.have.length(30);
    expect(svg.match(/<circle /g)).to.have.length(2);
    expect(svg).to.contain('far &lt;1&gt;').and.not.to.match(/r<\d/);
    const styles = [...svg.matchAll(/<path (class="[^"]+"(?: stroke-dasharray="[^"]+")?)/g)].map(
      (match) => match[1],
    );
    expect(new Set(styles).size).to.equal(30);
    expect(curvesSvg('far <1>', [...many, dots])).to.equal(svg);
  });

  it('look the same whatever the order of results, and keep the look of a router where another has no curve', () => {
    const [a, b, c] = [
      result('a', 'far-1', 0.5),
      result('b', 'far-1', 0.5),
      result('c', 'far-1', 0.5),
    ];
    expect(curvesSvg('far-1', [c, a, b])).to.equal(curvesSvg('far-1', [a, b, c]));
    const getCurveClass = (svg: string): string | undefined =>
      /<path (class="[^"]+")[^>]*><title>c</.exec(svg)?.[1];
    expect(getCurveClass(curvesSvg('far-1', [a, b, c]))).to.equal('class="line c2"');
    expect(getCurveClass(curvesSvg('far-2', [a, { ...b, curve: [] }, c]))).to.equal(
      'class="line c2"',
    );
  });

  it('keep the legend of thirty routers beside the plot, the best curve first', () => {
    const many = Array.from({ length: 30 }, (_, i) =>
      result(`router-${i + 10}`, 'far-1', 0.5, {
        curve: [
          [0, 0.2],
          [0.5, 0.3 + 0.01 * i],
          [1, 0.8],
        ],
      }),
    );
    const svg = curvesSvg('far-1', many);
    const height = Number(/ height="(\d+)"/.exec(svg)?.[1]);
    const names = [...svg.matchAll(/<text x="(\d+)" y="(\d+)" dy="0.35em">(router-\d+)</g)];
    expect(names.map((match) => match[3])).to.deep.equal(
      many.map(({ router }) => router).reverse(),
    );
    expect(Math.max(...names.map((match) => Number(match[2])))).to.be.below(height);
    expect(new Set(names.map((match) => `${match[1]} ${match[2]}`)).size).to.equal(30);
  });

  it('say so where no router has one, and have ticks where all scores are one', () => {
    expect(curvesSvg('far-1', []))
      .to.contain('no curves on this set')
      .and.not.to.match(/NaN|Infinity/);
    const flat = curvesSvg('far-1', [
      result('a', 'far-1', 0.5, {
        curve: [
          [0, 0.5],
          [1, 0.5],
        ],
      }),
    ]);
    expect(flat.match(/class="grid"/g)?.length).to.be.above(2);
    expect(flat).not.to.match(/NaN|Infinity/);
  });
});

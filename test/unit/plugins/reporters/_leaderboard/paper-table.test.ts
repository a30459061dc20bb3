import { expect } from 'chai';
import {
  paperColumns,
  paperCsv,
  paperLatex,
  paperMarkdown,
  paperTables,
} from '../../../../../plugins/reporters/_leaderboard/paper-table.js';
import type {
  LeaderboardColumn,
  LeaderboardRow,
  Leaderboard,
  MetricMap,
} from '../../../../../storage/results/types.js';

const column = (
  name: string,
  role: LeaderboardColumn['role'],
  kind: LeaderboardColumn['kind'] = 'dataset',
): LeaderboardColumn => ({ name, role, kind, of: [] });
const row = (
  router: string,
  control: boolean,
  metrics: Readonly<Record<string, MetricMap>>,
): LeaderboardRow =>
  ({ router, plugin: control ? null : router, control, metrics }) as unknown as LeaderboardRow;

const leaderboard = {
  run: 'paper',
  columns: [
    column('alpaca', 'in-domain'),
    column('big-math', 'in-domain'),
    column('mmlu', 'in-domain'),
    column('ID AVG', 'in-domain', 'average'),
    column('STEM', 'out-of-domain', 'group'),
    column('OOD AVG', 'out-of-domain', 'average'),
  ],
  rows: [
    row('probe_mean', false, {
      alpaca: {
        auroc: { value: 0.71234 },
        lpm: { value: 0.6 },
        mpm: { value: null, reason: 'no gap' },
      },
      'ID AVG': { auroc: { value: 0.7 } },
      STEM: { auroc: { value: null, reason: 'one class' } },
      'OOD AVG': { auroc: { value: 0.9 } },
    }),
    row('random', true, { alpaca: { auroc: { value: 0.5 } } }),
  ],
} as unknown as Leaderboard;

describe('the paper\u2019s tables', () => {
  const tables = paperTables(leaderboard);

  it('are two, in %, with the averages, and the published row marked beside the measured ones', () => {
    expect(tables.map(({ title }) => title)).to.deep.equal([
      'Router ability: AUROC (%)',
      'Scenario alignment: LPM / MPM / HCR (%)',
    ]);
    const [ability, alignment] = tables;
    expect(ability?.columns).to.deep.equal([
      'Alpaca',
      'Big Math',
      'MMLU',
      'ID AVG',
      'Magpie',
      'MATH',
      'STEM',
      'Humanities',
      'Social Sciences',
      'Others',
      'OOD AVG',
    ]);
    expect(ability?.rows.map(({ name, published }) => [name, published])).to.deep.equal([
      ['probe_mean', false],
      ['(random)', false],
      ['ProbeDirichlet (published)', true],
    ]);
    expect(ability?.rows[0]?.cells.slice(0, 7)).to.deep.equal([
      '71.23',
      '–',
      '–',
      '70.00',
      '–',
      '–',
      '–',
    ]);
    expect(
      ability?.rows[0]?.cells.at(-1),
      'an average over other columns than the paper\u2019s',
    ).to.equal('–');
    expect(ability?.rows[2]?.cells).to.deep.equal([
      '72.02',
      '66.18',
      '67.88',
      '–',
      '74.08',
      '73.90',
      '65.32',
      '–',
      '–',
      '–',
      '–',
    ]);
    expect(alignment?.rows[0]?.cells[0]).to.equal('60.00 / – / –');
    expect(alignment?.rows[2]?.cells[2]).to.equal('78.51 / – / –');
  });

  it('paste into Markdown, CSV and LaTeX', () => {
    const markdown = paperMarkdown(tables);
    expect(markdown)
      .to.match(/^\| Router +\| +Alpaca \|/m)
      .and.match(/^\| ProbeDirichlet \(published\) \| +72\.02 \|/m)
      .and.contain('68.70');
    const lines = markdown.split('\n').filter((line) => line.startsWith('|'));
    expect(new Set(lines.slice(0, 5).map((line) => line.length)).size).to.equal(1);
    expect(paperCsv(tables))
      .to.contain('Router ability: AUROC (%),ProbeDirichlet (published),published,Alpaca,72.02\n')
      .and.contain('AUROC (%),probe_mean,measured,ID AVG,70.00\n');
    const latex = paperLatex(tables);
    expect(latex)
      .to.contain('probe\\_mean & 71.23 & -- & -- & 70.00')
      .and.contain('AUROC (\\%)')
      .and.contain('\\bottomrule');
    expect(latex.match(/\\begin\{table\}/g)).to.have.length(2);
  });

  it('know a board of another benchmark', () => {
    expect(paperColumns(leaderboard)).to.equal(4);
    expect(
      paperColumns({
        ...leaderboard,
        columns: [column('tiny-choice4', 'in-domain'), column('ID AVG', 'in-domain', 'average')],
      }),
    ).to.equal(0);
  });
});

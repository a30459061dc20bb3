import { expect } from 'chai';
import { SYNTHETIC_REPORTS } from '../../../../testing/index.js';
import type { PairsReport, RunReport } from '../../../../analysis/report.js';
import { writeReportWith } from '../../../support/report.js';

const [full, stored] = SYNTHETIC_REPORTS.run as readonly [RunReport, RunReport];

describe('reporters of a run', () => {
  it('table: prints the leaderboard, then calls and paths; the leaderboard alone where nothing was run', async () => {
    const { printed } = await writeReportWith('table', full);
    expect(printed).to.match(/^auroc, higher is better; ranks are on .*\n\n\|\s*rank\s*\| router/);
    expect(printed).to.match(
      /10 model calls \(weak 10\), 1\.5 s\.\nLeaderboard: results\/leaderboard\.json\./,
    );
    expect((await writeReportWith('table', stored)).printed).not.to.contain('model calls');
  });

  it('table: marks the best values in colour on standard output, never in a file', async () => {
    const coloured = await writeReportWith('table', full, {}, { colour: true });
    expect(coloured.printed).to.contain('\u001b[1m');
    const filed = await writeReportWith('table', full, { file: '/t.txt' }, { colour: true });
    expect(filed.files['/t.txt']).not.to.contain('\u001b');
  });

  it('svg: draws one picture a test set in the folder of the run', async () => {
    const { files, printed } = await writeReportWith('svg', full);
    expect(printed).to.equal('');
    expect(Object.keys(files)).to.deep.equal([
      'runs/synthetic/curves/near.svg',
      'runs/synthetic/curves/far.svg',
    ]);
    expect(files['runs/synthetic/curves/far.svg']).to.contain('no curves on this set');
  });

  it('latex: escapes names and shows one metric in every column', async () => {
    const { printed } = await writeReportWith('latex', full, { metric: 'cost' });
    expect(printed)
      .to.contain('a|b <c> \\& "d", e\\_f\\%')
      .and.to.contain('synthetic: cost')
      .and.to.contain('(oracle)');
  });

  it('latex, csv, json, markdown and table: refuse tables that the leaderboard does not have', async () => {
    for (const name of ['latex', 'csv', 'json', 'markdown', 'table']) {
      const paper = await writeReportWith(name, full, { table: 'paper' }).catch(String);
      expect(paper, name).to.contain('RXB3110');
      if (name === 'latex') continue;
      const robustness = await writeReportWith(name, full, { table: 'robustness' }).catch(String);
      expect(robustness, name).to.contain('RXB5012');
    }
  });

  it('csv: has one metric where one is named; junit: has a case a router and a failed one a failure', async () => {
    const csv = (await writeReportWith('csv', full, { metric: 'cost' })).printed.trim().split('\n');
    expect(csv.slice(1).every((line) => line.includes(',cost,'))).to.equal(true);
    expect((await writeReportWith('junit', full)).printed).to.contain(
      '<testsuites name="run synthetic" tests="7" failures="2" errors="0" skipped="2">',
    );
  });

  it('json: is the leaderboard alone where nothing was run', async () => {
    const data = JSON.parse((await writeReportWith('json', stored)).printed) as object;
    expect(data).to.have.all.keys('schema', 'run', 'rankedBy', 'columns', 'rows', 'provenance');
  });

  it('markdown of pairs: is pairs.md', async () => {
    const [pairs] = SYNTHETIC_REPORTS.pairs as readonly [PairsReport];
    const { printed } = await writeReportWith('markdown', pairs);
    expect(printed).to.match(/^# Pairs of run `synthetic`\n\n\| weak \| W \| strong \| S \|/);
  });
});

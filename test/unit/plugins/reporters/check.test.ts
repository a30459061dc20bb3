import { expect } from 'chai';
import type { Difference } from '../../../../analysis/comparison/compare.js';
import type { Check } from '../../../../analysis/comparison/verdict.js';
import type { CheckReport } from '../../../../analysis/report.js';
import { writeReportWith } from '../../../support/report.js';

const check = (router: string, verdict: Check['verdict'], because: string): Check => ({
  router,
  column: 'OOD AVG',
  metric: 'auroc',
  margin: 0.02,
  verdict,
  improved: false,
  because,
  p: null,
  difference: {
    router,
    column: 'OOD AVG',
    metric: 'auroc',
    higherIsBetter: true,
    before: 0.7,
    after: 0.65,
    difference: -0.05,
    pairing: 'paired',
    ci: [-0.06, -0.04],
    pNotWorse: () => null,
  } satisfies Difference,
});

const report: CheckReport = {
  kind: 'check',
  verdict: 'fail',
  checks: [
    check('r', 'pass', 'not worse by more than 0.02'),
    check('a|b <c>', 'fail', 'worse by more than 0.02: gain −0.0600 to −0.0400'),
    check('x', 'inconclusive', 'more queries are needed to tell'),
  ],
  run: 'tiny',
  baseline: 'git:main',
  level: 0.95,
  strict: false,
  exitCode: 4,
  onlyBaseline: [],
  onlyRun: ['router new'],
};

describe('reporters of the gate', () => {
  it('table: prints failed checks first, and one sentence', async () => {
    const { printed } = await writeReportWith('table', report);
    expect(printed.indexOf('✘')).to.be.lessThan(printed.indexOf('✔ '));
    expect(printed).to.contain(
      '✘ failed: 3 checks, 1 passed (0 better), 1 failed, 1 inconclusive.',
    );
    expect(printed).to.contain('New, without a baseline: router new.');
  });

  it('markdown: begins with the mark of the comment, and folds what passed', async () => {
    const { printed } = await writeReportWith('markdown', report);
    expect(printed)
      .to.match(/^<!-- routerxbench check -->\n### Routers: ✘ failed/)
      .and.to.contain('a\\|b <c>')
      .and.to.contain('<summary>1 not worse</summary>')
      .and.to.contain('router new');
  });

  it('junit: has a suite a router; an inconclusive check is skipped, or failed where that counts', async () => {
    const lenient = await writeReportWith('junit', report, { file: '/junit.xml' });
    const strict = await writeReportWith('junit', { ...report, strict: true });
    expect(lenient.printed).to.equal('');
    expect(lenient.files['/junit.xml'])
      .to.contain('tests="3" failures="1" errors="0" skipped="1"')
      .and.to.contain('<testsuite name="a|b &lt;c&gt;"');
    expect(strict.printed).to.contain('tests="3" failures="2" errors="0" skipped="0"');
  });

  it('github: adds the Markdown to the job summary and annotates what does not pass; does nothing elsewhere', async () => {
    const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: '/summary.md' };
    const inJob = await writeReportWith('github', report, {}, { env });
    const markdown = await writeReportWith('markdown', report);
    expect(inJob.appended['/summary.md']).to.equal(markdown.printed);
    expect(inJob.noted).to.match(
      /^::error title=a\|b <c>%3A auroc on OOD AVG::worse by more than 0\.02.*\n::warning title=x%3A auroc on OOD AVG::.*\n$/,
    );
    expect(await writeReportWith('github', report)).to.deep.equal({
      printed: '',
      noted: '',
      files: {},
      appended: {},
    });
  });

  it('json: has the keys of `rxb check --json`; csv: has a line a check', async () => {
    const data = JSON.parse((await writeReportWith('json', report)).printed) as CheckReport;
    expect(data).to.have.all.keys(
      ...['verdict', 'exitCode', 'run', 'baseline', 'level', 'onlyBaseline', 'onlyRun', 'checks'],
    );
    expect(data.checks.map(({ verdict }) => verdict)).to.deep.equal([
      'pass',
      'fail',
      'inconclusive',
    ]);
    expect((await writeReportWith('csv', report)).printed.split('\n')[2]).to.equal(
      'a|b <c>,OOD AVG,auroc,0.7,0.65,-0.05,-0.06,-0.04,paired,0.02,fail,worse by more than 0.02: gain −0.0600 to −0.0400',
    );
  });

  it('writes a file for each kind of report where `file` names them, and nothing for the others', async () => {
    const file = { run: '/run.md', check: '/check.md' };
    expect(Object.keys((await writeReportWith('markdown', report, { file })).files)).to.deep.equal([
      '/check.md',
    ]);
    const other = await writeReportWith('markdown', report, { file: { run: '/run.md' } });
    expect(other).to.deep.include({ printed: '', files: {} });
  });
});

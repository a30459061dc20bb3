import {
  inject,
  OPTIONS,
  reporter,
  z,
  type Reporter,
  type ReportOutput,
} from '../../core/index.js';
import type { Check, CheckReport, LeaderboardRow, RunReport } from '../../analysis/index.js';
import { emit, fileOption } from './_output/destination.js';
import { junitXml, type JunitCase } from './_text/junit.js';

const Options = z.strictObject({ file: fileOption });
type Options = z.output<typeof Options>;

function checkState({ verdict }: Check, strict: boolean): JunitCase['state'] {
  if (verdict === 'pass') return 'passed';
  return verdict === 'fail' || strict ? 'failed' : 'skipped';
}

/** A suite a router, a case a check. What is inconclusive is skipped, or failed where it counts. */
const checkXml = ({ run, baseline, checks, strict }: CheckReport): string =>
  junitXml(
    `${run} against ${baseline}`,
    checks.map((check) => ({
      suite: check.router,
      name: `${check.metric} on ${check.column}`,
      state: checkState(check, strict),
      message: check.because,
    })),
  );

const rowCase = (run: string, { router, unranked }: LeaderboardRow): JunitCase => ({
  suite: run,
  name: router,
  state: unranked === null ? 'passed' : 'skipped',
  message: unranked ?? '',
});

/** A case a router, skipped where it is not ranked, and a failed case for every failure. */
const runXml = ({ run, leaderboard, failures }: RunReport): string =>
  junitXml(`run ${run}`, [
    ...leaderboard.rows.filter(({ control }) => !control).map((row) => rowCase(run, row)),
    ...failures.map(({ code, problem }, i) => ({
      suite: run,
      name: `failure ${i + 1}: ${code}`,
      state: 'failed' as const,
      message: problem,
    })),
  ]);

/** JUnit XML, which CI systems show as test results. */
@reporter({
  name: 'junit',
  summary: 'JUnit XML, which CI systems show as test results',
  reports: ['run', 'check'],
  options: Options,
})
export class JunitReporter implements Reporter<RunReport | CheckReport> {
  constructor(@inject(OPTIONS) private readonly options: Options) {}

  readonly report = async (
    report: RunReport | CheckReport,
    output: ReportOutput,
  ): Promise<void> => {
    const text = report.kind === 'check' ? checkXml(report) : runXml(report);
    await emit(text, report.kind, this.options.file, output);
  };
}

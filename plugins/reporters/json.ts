import {
  inject,
  OPTIONS,
  reporter,
  z,
  type Reporter,
  type ReportOutput,
} from '../../core/index.js';
import type {
  CheckReport,
  ComparisonReport,
  Report,
  ReportedFailure,
  RunReport,
} from '../../analysis/index.js';
import { requirePaperTables, requireRobustness, tableOption } from './_leaderboard/view.js';
import { emit, fileOption } from './_output/destination.js';
import { formatJson } from './_text/json.js';

const Options = z.strictObject({ table: tableOption, file: fileOption });
type Options = z.output<typeof Options>;

const failureData = ({ code, problem, location, fix }: ReportedFailure): object => ({
  code,
  problem,
  ...(location === undefined ? {} : { place: location }),
  fix,
});

/** The leaderboard alone where nothing was run. */
function runData({ run, leaderboard, call, paths, failures, overlap }: RunReport): object {
  if (call === null) return leaderboard;
  const { modelCalls, spend, seconds } = call;
  return {
    run,
    modelCalls,
    spend,
    seconds,
    folder: paths.run,
    board: leaderboard,
    failures: failures.map(failureData),
    overlap,
  };
}

const comparisonData = (report: ComparisonReport): object => ({
  before: report.baseline,
  after: report.candidate,
  level: report.level,
  differences: report.differences,
  flips: report.flips,
  only: { before: report.only.baseline, after: report.only.candidate },
});

const checkData = (report: CheckReport): object => ({
  verdict: report.verdict,
  exitCode: report.exitCode,
  run: report.run,
  baseline: report.baseline,
  level: report.level,
  onlyBaseline: report.onlyBaseline,
  onlyRun: report.onlyRun,
  checks: report.checks,
});

/** JSON: everything that is known, as `--json` prints it. */
@reporter({
  name: 'json',
  summary: 'JSON: everything that is known, as `--json` prints it',
  reports: ['run', 'comparison', 'check', 'pairs'],
  options: Options,
})
export class JsonReporter implements Reporter<Report> {
  constructor(@inject(OPTIONS) private readonly options: Options) {}

  readonly report = async (report: Report, output: ReportOutput): Promise<void> => {
    await emit(formatJson(this.data(report)), report.kind, this.options.file, output);
  };

  private data(report: Report): unknown {
    switch (report.kind) {
      case 'run':
        return this.tableData(report);
      case 'comparison':
        return comparisonData(report);
      case 'check':
        return checkData(report);
      case 'pairs':
        return report.leaderboard;
    }
  }

  private tableData(report: RunReport): unknown {
    const { leaderboard } = report;
    if (this.options.table === 'paper') return requirePaperTables(leaderboard);
    if (this.options.table === 'leaderboard') return runData(report);
    requireRobustness(leaderboard);
    return Object.fromEntries(
      leaderboard.rows.flatMap(({ router, robustness }) =>
        robustness === undefined ? [] : [[router, robustness]],
      ),
    );
  }
}

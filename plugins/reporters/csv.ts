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
  Difference,
  PairsReport,
  Report,
  RunReport,
} from '../../analysis/index.js';
import { leaderboardCsv } from './_leaderboard/csv.js';
import { paperCsv } from './_leaderboard/paper-table.js';
import { robustnessCsv } from './_leaderboard/robustness.js';
import { routingCsv } from './_leaderboard/routing.js';
import {
  metricOption,
  requirePaperTables,
  requireRobustness,
  requireRouting,
  tableOption,
} from './_leaderboard/view.js';
import { emit, fileOption } from './_output/destination.js';
import { csvLine } from './_text/csv.js';

const Options = z.strictObject({
  table: tableOption,
  metric: metricOption.describe('only this metric; left out = all'),
  file: fileOption,
});
type Options = z.output<typeof Options>;

const lines = (head: string, rows: readonly string[]): string => `${[head, ...rows].join('\n')}\n`;

const DIFFERENCE_HEAD = 'router,column,metric,baseline,candidate,difference,low,high,pairing';

const differenceCells = (difference: Difference): readonly (string | number)[] => [
  difference.router,
  difference.column,
  difference.metric,
  difference.before ?? '',
  difference.after ?? '',
  difference.difference ?? '',
  difference.ci?.[0] ?? '',
  difference.ci?.[1] ?? '',
  difference.pairing,
];

const comparisonCsv = ({ differences }: ComparisonReport): string =>
  lines(
    `${DIFFERENCE_HEAD},p,reason`,
    differences.map((difference) =>
      csvLine([...differenceCells(difference), difference.p ?? '', difference.reason ?? '']),
    ),
  );

const checkCsv = ({ checks }: CheckReport): string =>
  lines(
    `${DIFFERENCE_HEAD},margin,verdict,because`,
    checks.map(({ difference, margin, verdict, because }) =>
      csvLine([...differenceCells(difference), margin, verdict, because]),
    ),
  );

const pairsCsv = ({ leaderboard: { pairs } }: PairsReport): string =>
  lines(
    'run,weak,strong,weak_score,strong_score,router,value,reason',
    pairs.flatMap(({ run, weak, strong, weakScore, strongScore, values }) =>
      Object.entries(values).map(([router, measured]) =>
        csvLine([
          run,
          weak,
          strong,
          weakScore,
          strongScore,
          router,
          measured.value ?? '',
          measured.value === null ? measured.reason : '',
        ]),
      ),
    ),
  );

/** CSV: a line a router, column and metric; a line a difference, a check, or a pair and router. */
@reporter({
  name: 'csv',
  summary: 'Comma-separated values, one value a line',
  reports: ['run', 'comparison', 'check', 'pairs'],
  options: Options,
})
export class CsvReporter implements Reporter<Report> {
  constructor(@inject(OPTIONS) private readonly options: Options) {}

  readonly report = async (report: Report, output: ReportOutput): Promise<void> => {
    await emit(this.format(report), report.kind, this.options.file, output);
  };

  private format(report: Report): string {
    switch (report.kind) {
      case 'run':
        return this.formatRun(report);
      case 'comparison':
        return comparisonCsv(report);
      case 'check':
        return checkCsv(report);
      case 'pairs':
        return pairsCsv(report);
    }
  }

  private formatRun({ leaderboard }: RunReport): string {
    const { table, metric } = this.options;
    if (table === 'paper') return paperCsv(requirePaperTables(leaderboard));
    if (table === 'leaderboard') return leaderboardCsv(leaderboard, metric);
    if (table === 'routing') {
      requireRouting(leaderboard);
      return routingCsv(leaderboard);
    }
    requireRobustness(leaderboard);
    return robustnessCsv(leaderboard);
  }
}

import {
  inject,
  OPTIONS,
  reporter,
  z,
  type Reporter,
  type ReportOutput,
} from '../../core/index.js';
import type { RunReport } from '../../analysis/index.js';
import { leaderboardLatex } from './_leaderboard/latex.js';
import { paperLatex } from './_leaderboard/paper-table.js';
import { chosenMetric, metricOption, requirePaperTables } from './_leaderboard/view.js';
import { emit, fileOption } from './_output/destination.js';

const Options = z.strictObject({
  table: z
    .enum(['leaderboard', 'paper'])
    .default('leaderboard')
    .describe('the leaderboard, or the tables of the paper'),
  metric: metricOption,
  file: fileOption,
});
type Options = z.output<typeof Options>;

/** LaTeX tables for a paper; they need the package booktabs. */
@reporter({
  name: 'latex',
  summary: 'LaTeX tables for a paper (package booktabs)',
  reports: ['run'],
  options: Options,
})
export class LatexReporter implements Reporter<RunReport> {
  constructor(@inject(OPTIONS) private readonly options: Options) {}

  readonly report = async (report: RunReport, output: ReportOutput): Promise<void> => {
    const { table, metric, file } = this.options;
    const text =
      table === 'paper'
        ? paperLatex(requirePaperTables(report.leaderboard))
        : leaderboardLatex(report.leaderboard, chosenMetric(report, metric).metric);
    await emit(text, report.kind, file, output);
  };
}

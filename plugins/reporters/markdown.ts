import {
  inject,
  OPTIONS,
  reporter,
  z,
  type Reporter,
  type ReportOutput,
} from '../../core/index.js';
import type { Report, RunReport } from '../../analysis/index.js';
import { comparisonMarkdown } from './_comparison/markdown.js';
import { checkMarkdown } from './_gate/markdown.js';
import { leaderboardMarkdown, metricMarkdown } from './_leaderboard/markdown.js';
import { paperMarkdown } from './_leaderboard/paper-table.js';
import { routingMarkdown } from './_leaderboard/routing.js';
import { robustnessTable, robustnessText } from './_leaderboard/robustness.js';
import {
  metricOption,
  requirePaperTables,
  requireRobustness,
  requireRouting,
  tableOption,
} from './_leaderboard/view.js';
import { emit, fileOption } from './_output/destination.js';
import { pairsReportMarkdown } from './_pairs/pairs-table.js';

const Options = z.strictObject({
  table: tableOption,
  metric: metricOption.describe('only the section of this metric; left out = the whole page'),
  file: fileOption,
});
type Options = z.output<typeof Options>;

/** Markdown: the leaderboard with its intervals, a comparison, the gate's checks, or all pairs. */
@reporter({
  name: 'markdown',
  summary: 'Markdown pages: the leaderboard, a comparison, the checks of the gate, pairs',
  reports: ['run', 'comparison', 'check', 'pairs'],
  options: Options,
})
export class MarkdownReporter implements Reporter<Report> {
  constructor(@inject(OPTIONS) private readonly options: Options) {}

  readonly report = async (report: Report, output: ReportOutput): Promise<void> => {
    await emit(this.format(report), report.kind, this.options.file, output);
  };

  private format(report: Report): string {
    switch (report.kind) {
      case 'run':
        return this.formatRun(report);
      case 'comparison':
        return comparisonMarkdown(report);
      case 'check':
        return checkMarkdown(report);
      case 'pairs':
        return pairsReportMarkdown(report.leaderboard);
    }
  }

  private formatRun({ leaderboard, metrics }: RunReport): string {
    const { table, metric } = this.options;
    if (table === 'paper') return paperMarkdown(requirePaperTables(leaderboard));
    if (table === 'robustness') {
      requireRobustness(leaderboard);
      return `${robustnessTable(leaderboard)}\n\n${robustnessText(leaderboard)}\n`;
    }
    if (table === 'routing') {
      requireRouting(leaderboard);
      return routingMarkdown(leaderboard).join('\n');
    }
    return metric === undefined
      ? leaderboardMarkdown(leaderboard, metrics)
      : metricMarkdown(leaderboard, metric, metrics);
  }
}

import {
  inject,
  OPTIONS,
  reporter,
  z,
  type Reporter,
  type ReportOutput,
} from '../../core/index.js';
import {
  summarizeRun,
  type PairsReport,
  type Report,
  type RunReport,
} from '../../analysis/index.js';
import { comparisonText } from './_comparison/text.js';
import { checkText } from './_gate/text.js';
import { paperMarkdown } from './_leaderboard/paper-table.js';
import { hasRobustness, robustnessTable, robustnessText } from './_leaderboard/robustness.js';
import { ROUTING_TEXT, routingTable, TIMES_TEXT } from './_leaderboard/routing.js';
import { renderLeaderboardTable, titleText, uncertaintyText } from './_leaderboard/table.js';
import {
  chosenMetric,
  metricOption,
  requirePaperTables,
  requireRobustness,
  requireRouting,
  tableOption,
} from './_leaderboard/view.js';
import { emit, fileOption, isPrinted } from './_output/destination.js';
import { pairsNotes, pairsTable } from './_pairs/pairs-table.js';
import { terminalTable } from './_text/terminal-table.js';

const Options = z.strictObject({ table: tableOption, metric: metricOption, file: fileOption });
type Options = z.output<typeof Options>;

const robustnessSection = ({ leaderboard }: RunReport): string =>
  `${robustnessTable(leaderboard)}\n\n${robustnessText(leaderboard)}\n`;

/** What is printed under the leaderboard of a run that has just ended. */
function runNotes(report: RunReport): string {
  const { leaderboard, call, paths } = report;
  if (call === null) return '';
  const intervals = uncertaintyText(leaderboard);
  return [
    '\n',
    intervals === undefined ? '' : `${intervals}\n`,
    hasRobustness(leaderboard) ? `\n${robustnessSection(report)}` : '',
    `${summarizeRun(call)}\n`,
    `Leaderboard: ${paths.results}/leaderboard.json. Results: ${paths.run}.\n`,
  ].join('');
}

function pairsText({ leaderboard, paths }: PairsReport): string {
  const { head, rows } = pairsTable(leaderboard);
  const { length } = leaderboard.pairs;
  return [
    terminalTable(head, rows),
    ...pairsNotes(leaderboard),
    length === 1
      ? `1 pair, with a run of its own under results/runs. Data: ${paths.file}.`
      : `${length} pairs, each with a run of its own under results/runs. Data: ${paths.file}.`,
    '',
  ].join('\n');
}

/** Text tables for a terminal. The leaderboard pastes into Markdown. */
@reporter({
  name: 'table',
  summary: 'Text tables for a terminal',
  reports: ['run', 'comparison', 'check', 'pairs'],
  options: Options,
})
export class TableReporter implements Reporter<Report> {
  constructor(@inject(OPTIONS) private readonly options: Options) {}

  readonly report = async (report: Report, output: ReportOutput): Promise<void> => {
    await emit(this.format(report, output), report.kind, this.options.file, output);
  };

  private format(report: Report, output: ReportOutput): string {
    switch (report.kind) {
      case 'run':
        return this.formatRun(report, output);
      case 'comparison':
        return comparisonText(report);
      case 'check':
        return checkText(report);
      case 'pairs':
        return pairsText(report);
    }
  }

  private formatRun(report: RunReport, { colour, width }: ReportOutput): string {
    const { leaderboard } = report;
    const { table, metric, file } = this.options;
    if (table === 'paper') return paperMarkdown(requirePaperTables(leaderboard));
    if (table === 'robustness') {
      requireRobustness(leaderboard);
      return robustnessSection(report);
    }
    if (table === 'routing') {
      requireRouting(leaderboard);
      return `${routingTable(report)}\n\n${ROUTING_TEXT}\n${TIMES_TEXT}\n`;
    }
    const chosen = chosenMetric(report, metric);
    const drawn = renderLeaderboardTable(leaderboard, {
      ...chosen,
      colour: colour && isPrinted(file),
      width: isPrinted(file) ? width : undefined,
    });
    return `${titleText(leaderboard, chosen)}\n\n${drawn}\n${runNotes(report)}`;
  }
}

import { reporter, type Reporter, type ReportOutput } from '../../core/index.js';
import type { Report } from '../../analysis/index.js';
import { comparisonMarkdown } from './_comparison/markdown.js';
import { checkAnnotations } from './_gate/annotations.js';
import { checkMarkdown } from './_gate/markdown.js';
import { leaderboardMarkdown } from './_leaderboard/markdown.js';
import { pairsReportMarkdown } from './_pairs/pairs-table.js';

function summaryMarkdown(report: Report): string {
  switch (report.kind) {
    case 'run':
      return leaderboardMarkdown(report.leaderboard, report.metrics);
    case 'comparison':
      return comparisonMarkdown(report);
    case 'check':
      return checkMarkdown(report);
    case 'pairs':
      return pairsReportMarkdown(report.leaderboard);
  }
}

/**
 * Adds a Markdown page to the summary of a GitHub job, and annotates checks that do not pass.
 * Outside of GitHub Actions it does nothing.
 */
@reporter({
  name: 'github',
  summary: 'The job summary and annotations of GitHub Actions; nothing elsewhere',
  reports: ['run', 'comparison', 'check', 'pairs'],
})
export class GithubReporter implements Reporter<Report> {
  readonly report = async (report: Report, output: ReportOutput): Promise<void> => {
    const summary = output.env['GITHUB_STEP_SUMMARY'] ?? '';
    if (summary !== '') await output.append(summary, summaryMarkdown(report));
    if (report.kind === 'check' && output.env['GITHUB_ACTIONS'] === 'true')
      output.note(checkAnnotations(report));
  };
}

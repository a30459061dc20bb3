/** Which table of the leaderboard a reporter writes. */
import { z } from '../../../core/index.js';
import type { Leaderboard, RunReport } from '../../../analysis/index.js';
import { ReporterError } from '../_errors.js';
import { paperColumns, paperTables, type PaperTable } from './paper-table.js';
import { hasRobustness } from './robustness.js';
import { hasRouting } from './routing.js';

/** The option `table`. */
export const tableOption = z
  .enum(['leaderboard', 'paper', 'robustness', 'routing'])
  .default('leaderboard')
  .describe(
    'the leaderboard, the tables of the paper, robustness of decisions, or what deciding takes',
  );

/** The option `metric`. */
export const metricOption = z
  .string()
  .min(1)
  .optional()
  .describe('metric to show; left out = the one that ranks');

/** The paper's tables. @throws ReporterError where the leaderboard has none of their columns */
export function requirePaperTables(leaderboard: Leaderboard): readonly PaperTable[] {
  if (paperColumns(leaderboard) === 0)
    throw new ReporterError('tableColumnsMissing', { run: leaderboard.run, table: 'paper' });
  return paperTables(leaderboard);
}

/** @throws ReporterError where the robustness of no router was measured */
export function requireRobustness(leaderboard: Leaderboard): void {
  if (!hasRobustness(leaderboard))
    throw new ReporterError('noRobustnessResults', { run: leaderboard.run });
}

/** @throws ReporterError where the results do not say what deciding takes */
export function requireRouting(leaderboard: Leaderboard): void {
  if (!hasRouting(leaderboard))
    throw new ReporterError('tableColumnsMissing', { run: leaderboard.run, table: 'routing' });
}

/** The metric to show, and which of its values are better. */
export function chosenMetric(
  { leaderboard, metric, metrics }: RunReport,
  option: string | undefined,
): { readonly metric: string; readonly better: 'higher' | 'lower' | undefined } {
  const name = option ?? metric ?? leaderboard.rankedBy.metric;
  return { metric: name, better: metrics.find((known) => known.name === name)?.better };
}

import type { Leaderboard, Measured } from '../../../analysis/index.js';
import { escapeLatex } from '../_text/latex.js';

const formatValue = (measured: Measured | undefined): string =>
  typeof measured?.value === 'number' ? measured.value.toFixed(3) : '--';

const line = (cells: readonly string[]): string => `${cells.map(escapeLatex).join(' & ')} \\\\`;

/** One metric in every column as a LaTeX table; needs the package booktabs. */
export function leaderboardLatex(leaderboard: Leaderboard, metric: string): string {
  const columns = leaderboard.columns.map(({ name }) => name);
  const rows = leaderboard.rows.map(({ router, rank, control, metrics }) =>
    line([
      rank === null ? '' : String(rank),
      control ? `(${router})` : router,
      ...columns.map((column) => formatValue(metrics[column]?.[metric])),
    ]),
  );
  return [
    '\\begin{table}',
    `\\caption{${escapeLatex(`Leaderboard of run ${leaderboard.run}: ${metric}`)}}`,
    `\\begin{tabular}{rl${'r'.repeat(columns.length)}}`,
    '\\toprule',
    line(['rank', 'router', ...columns]),
    '\\midrule',
    ...rows,
    '\\bottomrule',
    '\\end{tabular}',
    '\\end{table}',
    '',
  ].join('\n');
}

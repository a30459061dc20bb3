/** results/leaderboard.md. */
import { ALL_METRICS } from '../metrics/index.js';
import type { Leaderboard } from '../results/types.js';
import { boardTable, uncertaintyText } from './table.js';
import { transferMarkdown } from './transfer.js';

const SHOWN = ['auroc', 'lpm', 'mpm', 'hcr', 'lpm-exact', 'mpm-exact', 'hcr-exact', 'apgr', 'apgr-exact', 'cpt50', 'aiq', 'cost', 'cost-equal-quality', 'cost-saved', 'arena', 'opt-sel', 'opt-cost', 'opt-acc', 'brier', 'ece', 'e-aurc', 'selective90'];

/** One table for each of the main metrics, six decimals. */
export function leaderboardMarkdown(board: Leaderboard): string {
  const tables = SHOWN.filter((metric) => board.rows.some((row) => Object.values(row.metrics).some((own) => own[metric] !== undefined))).map((metric) => {
    const { summary, higherIsBetter } = ALL_METRICS.find(({ name }) => name === metric) ?? { summary: '', higherIsBetter: true };
    const [lines, notes] = split(boardTable(board, { metric, colour: false, decimals: 6 }));
    return [`## ${metric}`, '', `${summary}; ${higherIsBetter ? 'higher' : 'lower'} is better.`, '', ...lines, ...(notes.length === 0 ? [] : ['', ...notes.map((text) => `${text}  `)])].join('\n');
  });
  return [
    `# Leaderboard of run \`${board.run}\``,
    '',
    `Ranked by ${board.rankedBy.metric} on ${board.rankedBy.column}. Routers in brackets are controls: computed from the grades, never ranked. ${uncertaintyText(board) ?? '± is half the range over training seeds.'}`,
    '',
    tables.join('\n\n'),
    '',
    ...transferMarkdown(board),
  ].join('\n');
}

const split = (table: string): readonly [readonly string[], readonly string[]] => {
  const lines = table.split('\n');
  return [lines.filter((line) => line.startsWith('|')), lines.filter((line) => !line.startsWith('|'))];
};

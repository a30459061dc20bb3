/** The board as it stands in the results; nothing is computed. */
import { resolve } from 'node:path';
import { loadConfig } from '../../config.js';
import { HarnessError } from '../../errors.js';
import { leaderboardMarkdown } from '../../report/markdown.js';
import { boardTable } from '../../report/table.js';
import { readLeaderboard, resultJson } from '../../results/store.js';
import type { Leaderboard } from '../../results/types.js';
import type { ExitCode, GlobalOptions, Io } from '../io.js';
import { metricOf } from './stages.js';

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);

/** One line a router, column and metric. */
function csv({ rows }: Leaderboard): string {
  const lines = rows.flatMap(({ router, rank, metrics }) =>
    Object.entries(metrics).flatMap(([column, own]) =>
      Object.entries(own).map(([metric, measured]) => [router, rank ?? '', column, metric, measured.value ?? '', measured.value === null ? measured.reason : ''].map((cell) => quoted(String(cell))).join(',')),
    ),
  );
  return `${['router,rank,column,metric,value,reason', ...lines].join('\n')}\n`;
}

/** Prints the board. */
export async function leaderboardCommand(options: GlobalOptions & { readonly metric?: string; readonly format?: string; readonly results?: string }, io: Io): Promise<ExitCode> {
  const format = options.json === true ? 'json' : (options.format ?? 'table');
  const metric = metricOf(options.metric, 'auroc', 'leaderboard');
  const { config, folder } = await loadConfig({ cwd: io.cwd, configFile: options.config, env: io.env, ...(options.results === undefined ? {} : { flags: { results: options.results } }) });
  const board = await readLeaderboard(resolve(folder, config.results));
  const formats: Readonly<Record<string, () => string>> = {
    table: () => `${boardTable(board, { metric, colour: io.colour })}\n`,
    markdown: () => leaderboardMarkdown(board),
    csv: () => csv(board),
    json: () => resultJson(board),
  };
  const draw = formats[format];
  if (draw === undefined) throw new HarnessError('RXB1005', { option: '--format', value: `"${format}"`, problem: `it is one of ${Object.keys(formats).join(', ')}`, command: 'leaderboard' });
  io.out(draw());
  return 0;
}

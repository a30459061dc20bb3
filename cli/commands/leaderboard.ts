/** The board as it stands in the results; nothing is computed. */
import { resolve } from 'node:path';
import { loadConfig } from '../../core/config.js';
import { HarnessError } from '../../core/errors.js';
import {
  paperColumns,
  paperCsv,
  paperLatex,
  paperMarkdown,
  paperTables,
} from '../../plugins/reporters/_report/paper-table.js';
import { leaderboardMarkdown, metricMarkdown } from '../../plugins/reporters/_report/markdown.js';
import {
  hasRobustness,
  robustnessCsv,
  robustnessTable,
  robustnessText,
} from '../../plugins/reporters/_report/robustness.js';
import { boardTable } from '../../plugins/reporters/_report/table.js';
import { readLeaderboard, resultJson } from '../../storage/results/store.js';
import type { Leaderboard } from '../../storage/results/types.js';
import type { ExitCode, GlobalOptions, Io } from '../io.js';
import { metricName, oneOf } from '../flags.js';
import { csvLine } from '../../plugins/reporters/_report/csv.js';

/** One line a router, column and metric. */
function csv({ rows }: Leaderboard): string {
  const lines = rows.flatMap(({ router, rank, unranked, metrics }) =>
    Object.entries(metrics).flatMap(([column, own]) =>
      Object.entries(own).map(([metric, measured]) =>
        csvLine([
          router,
          rank ?? '',
          column,
          metric,
          measured.value ?? '',
          measured.value === null ? measured.reason : (unranked ?? ''),
        ]),
      ),
    ),
  );
  return `${['router,rank,column,metric,value,reason', ...lines].join('\n')}\n`;
}

/** The board as the paper prints it. */
function paper(board: Leaderboard, format: string): string {
  if (paperColumns(board) === 0)
    throw new HarnessError('RXB3110', { run: board.run, table: 'paper' });
  const tables = paperTables(board);
  if (format === 'json') return resultJson(tables);
  if (format === 'csv') return paperCsv(tables);
  return format === 'latex' ? paperLatex(tables) : paperMarkdown(tables);
}

/** Robustness of decisions. */
function robust(board: Leaderboard, format: string): string {
  if (!hasRobustness(board)) throw new HarnessError('RXB5012', { run: board.run });
  if (format === 'json')
    return resultJson(
      Object.fromEntries(
        board.rows.flatMap(({ router, robustness }) =>
          robustness === undefined ? [] : [[router, robustness]],
        ),
      ),
    );
  return format === 'csv'
    ? robustnessCsv(board)
    : `${robustnessTable(board)}\n\n${robustnessText(board)}\n`;
}

/** Flags of the command. */
export interface LeaderboardFlags extends GlobalOptions {
  readonly metric?: string;
  readonly format?: string;
  readonly table?: string;
  readonly results?: string;
}

/** Prints the board. */
export async function leaderboardCommand(options: LeaderboardFlags, io: Io): Promise<ExitCode> {
  const formats = [
    'table',
    'markdown',
    'csv',
    'json',
    ...(options.table === 'paper' ? (['latex'] as const) : []),
  ] as const;
  const table =
    options.table === undefined
      ? undefined
      : oneOf('--table', options.table, ['paper', 'robustness'], 'leaderboard');
  const named = oneOf('--format', options.format ?? 'table', formats, 'leaderboard');
  const format = options.json === true ? 'json' : named;
  const metric = metricName(options.metric, 'leaderboard');
  const { config, folder } = await loadConfig({
    cwd: io.cwd,
    configFile: options.config,
    env: io.env,
    ...(options.results === undefined ? {} : { flags: { results: options.results } }),
  });
  const board = await readLeaderboard(resolve(folder, config.results));
  if (table !== undefined) {
    io.out(table === 'paper' ? paper(board, format) : robust(board, format));
    return 0;
  }
  const draw: Readonly<Record<string, () => string>> = {
    table: () =>
      `${boardTable(board, { metric: metric ?? board.rankedBy.metric, colour: io.colour, width: io.width })}\n`,
    markdown: () =>
      metric === undefined ? leaderboardMarkdown(board) : metricMarkdown(board, metric),
    csv: () => csv(board),
    json: () => resultJson(board),
  };
  io.out((draw[format] as () => string)());
  return 0;
}

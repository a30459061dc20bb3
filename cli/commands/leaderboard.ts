/** The board as it stands in the results; nothing is computed. */
import { resolve } from 'node:path';
import { loadConfig } from '../../pipeline/config/load-config.js';
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
import { renderLeaderboardTable } from '../../plugins/reporters/_report/table.js';
import { readLeaderboard, resultJson } from '../../storage/results/store.js';
import type { Leaderboard } from '../../storage/results/types.js';
import type { ExitCode, GlobalOptions, Io } from '../io.js';
import { getMetricDefinitions } from '../../pipeline/planning/metrics.js';
import { openMetrics } from '../../pipeline/project-metrics.js';
import { metricName, parseChoice } from '../flags.js';
import { csvLine } from '../../plugins/reporters/_report/csv.js';
import { CliError } from '../errors.js';

/** One line a router, column and metric. */
function formatCsv({ rows }: Leaderboard): string {
  const lines = rows.flatMap(({ router, rank, unranked, metrics }) =>
    Object.entries(metrics).flatMap(([column, values]) =>
      Object.entries(values).map(([metric, measured]) =>
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
function formatPaperTables(leaderboard: Leaderboard, format: string): string {
  if (paperColumns(leaderboard) === 0)
    throw new CliError('tableColumnsMissing', { run: leaderboard.run, table: 'paper' });
  const tables = paperTables(leaderboard);
  if (format === 'json') return resultJson(tables);
  if (format === 'csv') return paperCsv(tables);
  return format === 'latex' ? paperLatex(tables) : paperMarkdown(tables);
}

/** Robustness of decisions. */
function formatRobustness(leaderboard: Leaderboard, format: string): string {
  if (!hasRobustness(leaderboard))
    throw new CliError('noRobustnessResults', { run: leaderboard.run });
  if (format === 'json')
    return resultJson(
      Object.fromEntries(
        leaderboard.rows.flatMap(({ router, robustness }) =>
          robustness === undefined ? [] : [[router, robustness]],
        ),
      ),
    );
  return format === 'csv'
    ? robustnessCsv(leaderboard)
    : `${robustnessTable(leaderboard)}\n\n${robustnessText(leaderboard)}\n`;
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
      : parseChoice('--table', options.table, ['paper', 'robustness'], 'leaderboard');
  const named = parseChoice('--format', options.format ?? 'table', formats, 'leaderboard');
  const format = options.json === true ? 'json' : named;
  const loaded = await loadConfig({
    cwd: io.cwd,
    configFile: options.config,
    env: io.env,
    ...(options.results === undefined ? {} : { flags: { results: options.results } }),
  });
  const { config, folder } = loaded;
  const metrics = getMetricDefinitions(await openMetrics(loaded));
  const metric = metricName(options.metric, metrics, 'leaderboard');
  const leaderboard = await readLeaderboard(resolve(folder, config.results));
  if (table !== undefined) {
    io.out(
      table === 'paper'
        ? formatPaperTables(leaderboard, format)
        : formatRobustness(leaderboard, format),
    );
    return 0;
  }
  const draw: Readonly<Record<string, () => string>> = {
    table: () =>
      `${renderLeaderboardTable(leaderboard, { metric: metric ?? leaderboard.rankedBy.metric, metrics, colour: io.colour, width: io.width })}\n`,
    markdown: () =>
      metric === undefined
        ? leaderboardMarkdown(leaderboard, metrics)
        : metricMarkdown(leaderboard, metric, metrics),
    csv: () => formatCsv(leaderboard),
    json: () => resultJson(leaderboard),
  };
  io.out((draw[format] as () => string)());
  return 0;
}

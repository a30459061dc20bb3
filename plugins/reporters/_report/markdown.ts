/**
 * results/leaderboard.md: what a reader needs at a glance; every other number stands in
 * leaderboard.json.
 */
import type { MetricDefinition } from '../../../core/index.js';
import type { LeaderboardRow, Leaderboard } from '../../../storage/results/types.js';
import { markdownTable } from './markdown-table.js';
import { renderLeaderboardTable, uncertaintyText } from './table.js';
import { robustnessMarkdown } from './robustness.js';
import { transferMarkdown } from './transfer.js';

const SHOWN = [
  'auroc',
  'lpm',
  'mpm',
  'hcr',
  'lpm-exact',
  'mpm-exact',
  'hcr-exact',
  'apgr',
  'apgr-exact',
  'cpt50',
  'aiq',
  'cost',
  'cost-equal-quality',
  'cost-saved',
  'arena',
  'opt-sel',
  'opt-cost',
  'opt-acc',
  'brier',
  'ece',
  'e-aurc',
  'selective90',
];

/** The table of one metric in every column, with intervals, under a heading. */
export function metricMarkdown(
  leaderboard: Leaderboard,
  metric: string,
  metrics: readonly MetricDefinition[],
): string {
  const { summary, better } = metrics.find(({ name }) => name === metric) ?? {
    summary: '',
    better: 'higher',
  };
  const [lines, notes] = split(
    renderLeaderboardTable(leaderboard, { metric, metrics, colour: false }),
  );
  return [
    `## ${metric}`,
    '',
    `${summary}; ${better} is better.`,
    '',
    ...lines,
    ...(notes.length === 0 ? [] : ['', ...notes.map((text) => `${text}  `)]),
    '',
  ].join('\n');
}

/** An average of the board in the other metrics, values alone. */
function averageMarkdown(leaderboard: Leaderboard, column: string): readonly string[] {
  const metrics = SHOWN.filter(
    (metric) =>
      metric !== leaderboard.rankedBy.metric &&
      leaderboard.rows.some((row) => row.metrics[column]?.[metric] !== undefined),
  );
  if (metrics.length === 0) return [];
  const value = (row: LeaderboardRow, metric: string): string =>
    row.metrics[column]?.[metric]?.value?.toFixed(3) ?? '–';
  return [
    `## ${column}, other metrics`,
    '',
    ...markdownTable(
      ['router', ...metrics],
      leaderboard.rows.map((row) => [
        row.control ? `(${row.router})` : row.router,
        ...metrics.map((metric) => value(row, metric)),
      ]),
    ),
    '',
  ];
}

/** The metric of the ranks with its intervals, the averages of the others, threshold transfer. */
export const leaderboardMarkdown = (
  leaderboard: Leaderboard,
  metrics: readonly MetricDefinition[],
): string =>
  [
    `# Leaderboard of run \`${leaderboard.run}\``,
    '',
    `Ranked by ${leaderboard.rankedBy.metric} on ${leaderboard.rankedBy.column}. Routers in brackets are controls: computed from the grades, never ranked. ${leaderboard.rows.some(({ unverifiedReason }) => typeof unverifiedReason === 'string') ? 'Self-reported rows are shown and not ranked: nothing kept those routers from labels. ' : ''}${uncertaintyText(leaderboard) ?? '± is half the range over training seeds.'}`,
    'Every metric in every column, with its interval, stands in leaderboard.json; `rxb leaderboard --metric lpm` draws its table.',
    '',
    metricMarkdown(leaderboard, leaderboard.rankedBy.metric, metrics),
    ...leaderboard.columns
      .filter(({ kind }) => kind === 'average')
      .flatMap(({ name }) => averageMarkdown(leaderboard, name)),
    ...transferMarkdown(leaderboard),
    ...robustnessMarkdown(leaderboard),
  ].join('\n');

const split = (table: string): readonly [readonly string[], readonly string[]] => {
  const lines = table.split('\n');
  return [
    lines.filter((line) => line.startsWith('|')),
    lines.filter((line) => !line.startsWith('|')),
  ];
};

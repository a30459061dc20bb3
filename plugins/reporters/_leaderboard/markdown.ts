/**
 * results/leaderboard.md: what a reader needs at a glance; every other number is in
 * leaderboard.json.
 */
import type { Leaderboard, LeaderboardRow, ReportedMetric } from '../../../analysis/index.js';
import { markdownTable } from '../_text/markdown-table.js';
import { chosenMarkdown } from './chosen.js';
import { robustnessMarkdown } from './robustness.js';
import { routingMarkdown } from './routing.js';
import { renderLeaderboardTable, uncertaintyText } from './table.js';
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
  'best-choice',
  'oracle-cost-ratio',
  'oracle-score-ratio',
  'opt-sel',
  'opt-cost',
  'brier',
  'ece',
  'e-aurc',
  'selective90',
];

/** The table of one metric in every column, with intervals, under a heading. */
export function metricMarkdown(
  leaderboard: Leaderboard,
  metric: string,
  metrics: readonly ReportedMetric[],
): string {
  const known = metrics.find(({ name }) => name === metric);
  const [lines, notes] = split(renderLeaderboardTable(leaderboard, { metric, colour: false }));
  return [
    `## ${metric}`,
    '',
    `${known?.summary ?? ''}; ${known?.better ?? 'higher'} is better.`,
    '',
    ...lines,
    ...(notes.length === 0 ? [] : ['', ...notes.map((text) => `${text}  `)]),
    '',
  ].join('\n');
}

/** One average of the leaderboard in the other metrics, values only. */
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

const UNVERIFIED_NOTE =
  'Unverified rows are shown and not ranked: nothing kept those routers from labels. ';

function introduction(leaderboard: Leaderboard): readonly string[] {
  const { rankedBy, rows } = leaderboard;
  const unverified = rows.some(({ unverifiedReason }) => typeof unverifiedReason === 'string');
  const intervals = uncertaintyText(leaderboard) ?? '± is half the range over training seeds.';
  return [
    `Ranked by ${rankedBy.metric} on ${rankedBy.column}. Routers in brackets are controls: computed from the grades, never ranked. ${unverified ? UNVERIFIED_NOTE : ''}${intervals}`,
    'leaderboard.json has every metric in every column, with its interval; `rxb leaderboard --metric lpm` prints its table.',
  ];
}

/** The ranking metric with its intervals, the averages of the others, threshold transfer. */
export const leaderboardMarkdown = (
  leaderboard: Leaderboard,
  metrics: readonly ReportedMetric[],
): string =>
  [
    `# Leaderboard of run \`${leaderboard.run}\``,
    '',
    ...introduction(leaderboard),
    '',
    metricMarkdown(leaderboard, leaderboard.rankedBy.metric, metrics),
    ...leaderboard.columns
      .filter(({ kind }) => kind === 'average')
      .flatMap(({ name }) => averageMarkdown(leaderboard, name)),
    ...routingMarkdown(leaderboard),
    ...chosenMarkdown(leaderboard),
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

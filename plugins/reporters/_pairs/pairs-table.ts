/** The leaderboard of all pairs of recorded models: a row a pair, a column a router. */
import type { PairsLeaderboard } from '../../../analysis/index.js';
import { markdownTable } from '../_text/markdown-table.js';

/** Head and cells of the table; the best router of a pair is marked with `*`. */
export function pairsTable({ pairs }: PairsLeaderboard): {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
} {
  const routers = [...new Set(pairs.flatMap(({ values }) => Object.keys(values)))].sort();
  const rows = pairs.map(({ weak, strong, weakScore, strongScore, values }) => {
    const known = routers.map((router) => values[router]?.value ?? null);
    const best = Math.max(...known.map((value) => value ?? -Infinity));
    return [
      weak,
      weakScore.toFixed(3),
      strong,
      strongScore.toFixed(3),
      ...known.map((value) =>
        value === null ? '–' : `${value.toFixed(3)}${value === best ? '*' : ''}`,
      ),
    ];
  });
  return { head: ['weak', 'W', 'strong', 'S', ...routers], rows };
}

/** Notes under the table. */
export const pairsNotes = ({ rankedBy, pairs }: PairsLeaderboard): readonly string[] => [
  `${rankedBy.metric} on ${rankedBy.column}; W and S: mean grade of the two models over the sets; * the best of a pair.`,
  ...pairs.flatMap(({ weak, strong, failures }) =>
    failures.map((failure) => `${weak} and ${strong}: ${failure}`),
  ),
];

/**
 * The table in Markdown.
 * @internal Exported for its tests.
 */
export function pairsMarkdown(leaderboard: PairsLeaderboard): string {
  const { head, rows } = pairsTable(leaderboard);
  return [...markdownTable(head, rows, [0, 2]), '', ...pairsNotes(leaderboard)].join('\n');
}

/** results/pairs.md. */
export const pairsReportMarkdown = (leaderboard: PairsLeaderboard): string =>
  `# Pairs of run \`${leaderboard.run}\`\n\n${pairsMarkdown(leaderboard)}\n`;

/** The board of all pairs of recorded models: a row a pair, a column a router. */
import { markdownTable } from './markdown-table.js';
import type { Measured } from '../../../storage/results/types.js';

/** What came of one pair. */
export interface PairRow {
  /** Its folder under results/runs. */
  readonly run: string;
  readonly weak: string;
  readonly strong: string;
  /** Mean over sets of the mean recorded grade. */
  readonly weakScore: number;
  readonly strongScore: number;
  /** Router → the headline metric; empty where the pair could not be run. */
  readonly values: Readonly<Record<string, Measured>>;
  /** Why the pair, or some routers of it, could not be run. */
  readonly failures: readonly string[];
}

/** `results/pairs.json`. */
export interface PairsLeaderboard {
  readonly schema: 1;
  readonly run: string;
  readonly rankedBy: { readonly metric: string; readonly column: string };
  readonly pairs: readonly PairRow[];
}

/** Head and cells of the table, in words; the best router of a pair is marked with `*`. */
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

/** What stands under the table. */
export const pairsNotes = ({ rankedBy, pairs }: PairsLeaderboard): readonly string[] => [
  `${rankedBy.metric} on ${rankedBy.column}; W and S: mean grade of the two models over the sets; * the best of a pair.`,
  ...pairs.flatMap(({ weak, strong, failures }) =>
    failures.map((failure) => `${weak} and ${strong}: ${failure}`),
  ),
];

/** The table in Markdown. */
export function pairsMarkdown(leaderboard: PairsLeaderboard): string {
  const { head, rows } = pairsTable(leaderboard);
  return [...markdownTable(head, rows, [0, 2]), '', ...pairsNotes(leaderboard)].join('\n');
}

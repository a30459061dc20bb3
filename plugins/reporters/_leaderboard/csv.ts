import type { Leaderboard } from '../../../analysis/index.js';
import { csvLine } from '../_text/csv.js';

/** One line a router, column and metric; with `metric` only that one. */
export function leaderboardCsv({ rows }: Leaderboard, metric?: string): string {
  const lines = rows.flatMap(({ router, rank, unranked, metrics }) =>
    Object.entries(metrics).flatMap(([column, values]) =>
      Object.entries(values)
        .filter(([name]) => metric === undefined || name === metric)
        .map(([name, measured]) =>
          csvLine([
            router,
            rank ?? '',
            column,
            name,
            measured.value ?? '',
            measured.value === null ? measured.reason : (unranked ?? ''),
          ]),
        ),
    ),
  );
  return `${['router,rank,column,metric,value,reason', ...lines].join('\n')}\n`;
}

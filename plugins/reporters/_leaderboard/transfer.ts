/**
 * Threshold transfer for leaderboard.md: what a threshold chosen on validation rows does on each
 * set.
 */
import type { Leaderboard, Measured, Transfer } from '../../../analysis/index.js';
import { markdownTable } from '../_text/markdown-table.js';

const percent = (measured: Measured): string =>
  measured.value === null ? '–' : (100 * measured.value).toFixed(1);

/** Two tables, or nothing where no router has thresholds. */
export function transferMarkdown(leaderboard: Leaderboard): readonly string[] {
  const rows = leaderboard.rows.filter(({ transfer }) => transfer !== undefined);
  if (rows.length === 0) return [];
  const sets = leaderboard.columns.filter(({ kind }) => kind === 'dataset').map(({ name }) => name);
  const rates = [
    ...new Set(
      rows.flatMap(({ transfer }) =>
        Object.values(transfer ?? {}).flatMap((all) => all.map(({ callRate }) => callRate)),
      ),
    ),
  ];
  const table = (getMeasured: (entry: Transfer) => Measured): readonly string[] =>
    markdownTable(
      ['router', ...sets],
      rows.map(({ router, transfer }) => [
        router,
        ...sets.map(
          (set) =>
            (transfer?.[set] ?? []).map((entry) => percent(getMeasured(entry))).join(' / ') || '–',
        ),
      ]),
    );
  const chosen = rates.map((rate) => `${Math.round(100 * rate)}`).join(' / ');
  return [
    '## threshold transfer',
    '',
    `Thresholds chosen on validation rows of the in-domain fit split for ${chosen} % calls. Calls in % that they make on each test set:`,
    '',
    ...table(({ realised }) => realised),
    '',
    'Share of the gap between the models that they recover, in %:',
    '',
    ...table(({ recovery }) => recovery),
    '',
  ];
}

/**
 * Robustness and selection entropy: which routers decide the same when queries are rephrased, and
 * which behave as look-up tables.
 */
import {
  lookUpReasons,
  type Leaderboard,
  type LeaderboardRobustness,
  type LeaderboardRow,
  type Measured,
} from '../../../analysis/index.js';
import { drawColumns } from '../_text/columns.js';
import { csvLine } from '../_text/csv.js';
import { markdownTable } from '../_text/markdown-table.js';

/** Plain mean over sets; null where one of them has no value. */
const computeMean = (cells: readonly Measured[]): number | null =>
  cells.length === 0 || cells.some(({ value }) => value === null)
    ? null
    : cells.reduce((sum, { value }) => sum + (value ?? 0), 0) / cells.length;

const formatNumber = (value: number | null | undefined): string =>
  typeof value === 'number' ? value.toFixed(3) : '–';

/** Rows that were measured, and the kinds of perturbation. */
function measured(leaderboard: Leaderboard): {
  readonly rows: readonly (LeaderboardRow & {
    readonly robustness: Readonly<Record<string, LeaderboardRobustness>>;
  })[];
  readonly kinds: readonly string[];
} {
  const rows = leaderboard.rows.flatMap((row) =>
    row.robustness === undefined ? [] : [{ ...row, robustness: row.robustness }],
  );
  return {
    rows,
    kinds: [
      ...new Set(
        rows.flatMap(({ robustness }) =>
          Object.values(robustness).flatMap(({ kinds }) => kinds.map(({ kind }) => kind)),
        ),
      ),
    ],
  };
}

/** Whether the robustness of any router was measured. */
export const hasRobustness = (leaderboard: Leaderboard): boolean =>
  measured(leaderboard).rows.length > 0;

/**
 * One line a router: plain means over the sets; it pastes into Markdown. Notes say which routers
 * are taken for look-up tables.
 */
export function robustnessTable(leaderboard: Leaderboard): string {
  const { rows, kinds } = measured(leaderboard);
  const all = rows.map((row) => Object.values(row.robustness));
  const notes: string[] = [];
  const names = rows.map((row) => {
    const reasons = lookUpReasons(row);
    if (reasons.length === 0) return row.control ? `(${row.router})` : row.router;
    notes.push(`[${notes.length + 1}] behaves as a look-up table: ${reasons.join('; ')}`);
    return `${row.router} [${notes.length}]`;
  });
  const column = (
    head: string,
    getValue: (cells: readonly LeaderboardRobustness[]) => number | null,
  ): readonly string[] => [head, ...all.map((cells) => formatNumber(getValue(cells)))];
  const table = drawColumns(
    [
      ['router', ...names],
      column('robustness', (cells) => computeMean(cells.map(({ robustness }) => robustness))),
      column('selection entropy', (cells) =>
        computeMean(cells.map(({ selectionEntropy }) => selectionEntropy)),
      ),
      column('kappa', (cells) => computeMean(cells.map(({ kappa }) => kappa))),
      ...kinds.map((kind) =>
        column(kind, (cells) =>
          computeMean(
            cells.flatMap((cell) =>
              cell.kinds.filter((entry) => entry.kind === kind).map(({ robustness }) => robustness),
            ),
          ),
        ),
      ),
      column('auroc', (cells) => computeMean(cells.map(({ auroc }) => auroc))),
      column('… reworded', (cells) =>
        computeMean(cells.map(({ aurocPerturbed }) => aurocPerturbed)),
      ),
    ],
    0,
  );
  return [table, ...notes].join('\n');
}

/** What the columns of the table mean. */
export function robustnessText(leaderboard: Leaderboard): string {
  const { rows, kinds } = measured(leaderboard);
  const cells = rows.flatMap(({ robustness }) => Object.values(robustness));
  const queries = cells.map((cell) => cell.queries);
  const [fewest, most] = [Math.min(...queries), Math.max(...queries)];
  return (
    `Robustness: 1 − the share of decisions at ${Math.round(100 * (cells[0]?.callRate ?? 0))} % calls that change where ${fewest === most ? most : `${fewest} to ${most}`} test queries of a set are worded otherwise (${kinds.join(', ')}). ` +
    'Selection entropy, in bits, is 0 for a router that never has a preference; kappa is agreement beyond chance. Means over sets.'
  );
}

/** One line a router, set and kind; `all` is the mean over kinds. */
export function robustnessCsv(leaderboard: Leaderboard): string {
  const lines = measured(leaderboard).rows.flatMap(({ router, robustness }) =>
    Object.entries(robustness).flatMap(([set, { kinds, ...values }]) => [
      csvLine([
        router,
        set,
        'all',
        values.queries,
        values.robustness.value ?? '',
        values.kappa.value ?? '',
        values.selectionEntropy.value ?? '',
        values.selectionEntropyPerturbed.value ?? '',
        values.auroc.value ?? '',
        values.aurocPerturbed.value ?? '',
        values.lookUp ?? '',
      ]),
      ...kinds.map((perKind) =>
        csvLine([
          router,
          set,
          perKind.kind,
          perKind.queries,
          perKind.robustness.value ?? '',
          perKind.kappa.value ?? '',
          '',
          '',
          '',
          '',
          '',
        ]),
      ),
    ]),
  );
  return `${['router,set,kind,queries,robustness,kappa,selection_entropy,selection_entropy_reworded,auroc,auroc_reworded,look_up', ...lines].join('\n')}\n`;
}

/**
 * The section of leaderboard.md, and each set's robustness and kappa; nothing where no router was
 * measured.
 */
export function robustnessMarkdown(leaderboard: Leaderboard): readonly string[] {
  const { rows } = measured(leaderboard);
  if (rows.length === 0) return [];
  const sets = leaderboard.columns
    .filter(
      ({ kind, name }) =>
        kind === 'dataset' && rows.some(({ robustness }) => robustness[name] !== undefined),
    )
    .map(({ name }) => name);
  const [table, ...notes] = robustnessTable(leaderboard).split(/\n(?=\[)/);
  return [
    '## robustness',
    '',
    robustnessText(leaderboard),
    '',
    table as string,
    '',
    ...notes.map((note) => `${note}  `),
    ...(notes.length === 0 ? [] : ['']),
    'Robustness (kappa) on each set:',
    '',
    ...markdownTable(
      ['router', ...sets],
      rows.map(({ router, control, robustness }) => [
        control ? `(${router})` : router,
        ...sets.map(
          (set) =>
            `${formatNumber(robustness[set]?.robustness.value)} (${formatNumber(robustness[set]?.kappa.value)})`,
        ),
      ]),
    ),
    '',
  ];
}

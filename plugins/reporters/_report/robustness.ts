/**
 * Robustness beside selection entropy: which routers decide the same where queries are worded
 * otherwise, and which are tables of texts.
 */
import { drawn } from './columns.js';
import { csvLine } from './csv.js';
import { markdownTable } from './markdown-table.js';
import type {
  BoardRobustness,
  BoardRow,
  Leaderboard,
  Measured,
} from '../../../storage/results/types.js';
import { lookUpReasons } from '../../../analysis/leaderboard/robustness.js';

/** Plain mean over sets; null where one of them has no value. */
const meanOf = (cells: readonly Measured[]): number | null =>
  cells.length === 0 || cells.some(({ value }) => value === null)
    ? null
    : cells.reduce((sum, { value }) => sum + (value ?? 0), 0) / cells.length;

const shown = (value: number | null | undefined): string =>
  typeof value === 'number' ? value.toFixed(3) : '–';

/** Rows that were looked at, and the kinds of perturbation. */
function measured(board: Leaderboard): {
  readonly rows: readonly (BoardRow & {
    readonly robustness: Readonly<Record<string, BoardRobustness>>;
  })[];
  readonly kinds: readonly string[];
} {
  const rows = board.rows.flatMap((row) =>
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

/** Whether any router was looked at. */
export const hasRobustness = (board: Leaderboard): boolean => measured(board).rows.length > 0;

/**
 * One line a router: plain means over the sets; it pastes into Markdown. Notes say which routers
 * are taken for look-up tables.
 */
export function robustnessTable(board: Leaderboard): string {
  const { rows, kinds } = measured(board);
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
    of: (cells: readonly BoardRobustness[]) => number | null,
  ): readonly string[] => [head, ...all.map((cells) => shown(of(cells)))];
  const table = drawn(
    [
      ['router', ...names],
      column('robustness', (cells) => meanOf(cells.map(({ robustness }) => robustness))),
      column('selection entropy', (cells) =>
        meanOf(cells.map(({ selectionEntropy }) => selectionEntropy)),
      ),
      column('kappa', (cells) => meanOf(cells.map(({ kappa }) => kappa))),
      ...kinds.map((kind) =>
        column(kind, (cells) =>
          meanOf(
            cells.flatMap((cell) =>
              cell.kinds.filter((own) => own.kind === kind).map(({ robustness }) => robustness),
            ),
          ),
        ),
      ),
      column('auroc', (cells) => meanOf(cells.map(({ auroc }) => auroc))),
      column('… reworded', (cells) => meanOf(cells.map(({ aurocPerturbed }) => aurocPerturbed))),
    ],
    0,
  );
  return [table, ...notes].join('\n');
}

/** How the table came about, in a sentence. */
export function robustnessText(board: Leaderboard): string {
  const { rows, kinds } = measured(board);
  const cells = rows.flatMap(({ robustness }) => Object.values(robustness));
  const queries = cells.map((cell) => cell.queries);
  const [fewest, most] = [Math.min(...queries), Math.max(...queries)];
  return (
    `Robustness: 1 − the share of decisions at ${Math.round(100 * (cells[0]?.callRate ?? 0))} % calls that change where ${fewest === most ? most : `${fewest} to ${most}`} test queries of a set are worded otherwise (${kinds.join(', ')}). ` +
    'Selection entropy, in bits, is 0 for a router that never has a preference; kappa is agreement beyond chance. Means over sets.'
  );
}

/** One line a router, set and kind; `all` is the mean over kinds. */
export function robustnessCsv(board: Leaderboard): string {
  const lines = measured(board).rows.flatMap(({ router, robustness }) =>
    Object.entries(robustness).flatMap(([set, { kinds, ...own }]) => [
      csvLine([
        router,
        set,
        'all',
        own.queries,
        own.robustness.value ?? '',
        own.kappa.value ?? '',
        own.selectionEntropy.value ?? '',
        own.selectionEntropyPerturbed.value ?? '',
        own.auroc.value ?? '',
        own.aurocPerturbed.value ?? '',
        own.lookUp ?? '',
      ]),
      ...kinds.map((one) =>
        csvLine([
          router,
          set,
          one.kind,
          one.queries,
          one.robustness.value ?? '',
          one.kappa.value ?? '',
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
 * looked at.
 */
export function robustnessMarkdown(board: Leaderboard): readonly string[] {
  const { rows } = measured(board);
  if (rows.length === 0) return [];
  const sets = board.columns
    .filter(
      ({ kind, name }) =>
        kind === 'dataset' && rows.some(({ robustness }) => robustness[name] !== undefined),
    )
    .map(({ name }) => name);
  const [table, ...notes] = robustnessTable(board).split(/\n(?=\[)/);
  return [
    '## robustness',
    '',
    robustnessText(board),
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
            `${shown(robustness[set]?.robustness.value)} (${shown(robustness[set]?.kappa.value)})`,
        ),
      ]),
    ),
    '',
  ];
}

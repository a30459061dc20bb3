/** The board in a terminal; it pastes into Markdown. */
import { ALL_METRICS } from '../../../analysis/metrics/index.js';
import type { BoardRow, Leaderboard, Measured } from '../../../storage/results/types.js';
import { drawn } from './columns.js';
import { lookUpReasons } from '../../../analysis/leaderboard/robustness.js';

/** How to draw. */
export interface TableOptions {
  readonly metric: string;
  /** Bold for the best value of a column; only for terminals. */
  readonly colour: boolean;
  readonly decimals?: number;
  /**
   * Characters a line may have: a wider board is drawn as several tables below one another. Left
   * out = one table.
   */
  readonly width?: number | undefined;
}

const bold = (text: string): string => `\u001b[1m${text}\u001b[22m`;

/**
 * Columns that have the metric at all, with the averages; single sets of a group are left out where
 * groups are shown.
 */
function shownColumns(board: Leaderboard, metric: string): readonly string[] {
  const grouped = new Set(
    board.columns.filter(({ kind }) => kind === 'group').flatMap(({ of }) => of),
  );
  return board.columns
    .filter(
      ({ name }) =>
        !grouped.has(name) && board.rows.some((row) => row.metrics[name]?.[metric] !== undefined),
    )
    .map(({ name }) => name);
}

const ANSI = /\u001b\[\d+m/g;
const widthOf = (cells: readonly string[]): number =>
  Math.max(...cells.map((text) => text.replace(ANSI, '').length)) + 3; // two blanks and a border

/** Columns dealt into tables that fit; a column too wide by itself still gets one. */
function packed(
  columns: readonly (readonly string[])[],
  room: number,
): readonly (readonly (readonly string[])[])[] {
  const packs: (readonly string[])[][] = [[]];
  let left = room;
  for (const column of columns) {
    if (widthOf(column) > left && packs.at(-1)?.length !== 0) {
      packs.push([]);
      left = room;
    }
    packs.at(-1)?.push(column);
    left -= widthOf(column);
  }
  return packs;
}

const isSelfReported = ({ selfReported }: BoardRow): boolean => typeof selfReported === 'string';
/** Whether its numbers are among those that the best one is taken from. */
const isVerified = (row: BoardRow): boolean =>
  !row.control && !isSelfReported(row) && lookUpReasons(row).length === 0;

/**
 * The best value of a column among the verified routers; undefined where there is none, or where no
 * direction is better.
 */
function bestOf(board: Leaderboard, column: string, metric: string): number | undefined {
  const values = board.rows
    .flatMap((row) => (!isVerified(row) ? [] : [row.metrics[column]?.[metric]?.value ?? []]))
    .flat();
  const known = ALL_METRICS.find(({ name }) => name === metric);
  if (known === undefined || values.length === 0) return undefined;
  return known.higherIsBetter ? Math.max(...values) : Math.min(...values);
}

/** The rank, or the ranks that the pairwise tests leave open. */
const rankText = ({ rank, rankRange }: BoardRow): string =>
  rankRange === undefined || rankRange[0] === rankRange[1] ? String(rank) : rankRange.join('–');

/** How intervals and ranks came about, in a sentence; undefined for a board without. */
export function uncertaintyText({ uncertainty, rankedBy }: Leaderboard): string | undefined {
  if (uncertainty === undefined) return undefined;
  const { resamples, level, pairs, detectableGap } = uncertainty;
  const percent = Number((100 * level).toFixed(2));
  const gap =
    detectableGap === null
      ? ''
      : ` The smallest gap in ${rankedBy.metric} on ${rankedBy.column} that such a test finds in 80 of 100 repetitions: ${detectableGap.toFixed(3)}.`;
  return `[low, high]: ${percent} % intervals over queries (${resamples} resamples, the same for all routers); ± half the range over training seeds. Ranks are ranges: routers that ${pairs} paired tests (Holm) cannot tell apart share theirs.${gap}`;
}

/** The table of one metric, with numbered footnotes for what is not there. */
export function boardTable(
  board: Leaderboard,
  { metric, colour, decimals = 3, width = Infinity }: TableOptions,
): string {
  const notes: string[] = [];
  const mark = (reason: string): string => {
    if (!notes.includes(reason)) notes.push(reason);
    return `[${notes.indexOf(reason) + 1}]`;
  };
  const note = (reason: string): string => `– ${mark(reason)}`;
  const cell = (measured: Measured | undefined): string => {
    if (measured === undefined) return note('not measured');
    if (measured.value === null) return note(measured.reason);
    const half =
      measured.spread === undefined ? 0 : (measured.spread.max - measured.spread.min) / 2;
    const interval =
      measured.ci === undefined
        ? ''
        : ` [${measured.ci.map((end) => end.toFixed(decimals)).join(', ')}]`;
    return `${measured.value.toFixed(decimals)}${interval}${half >= 0.5 * 10 ** -decimals ? ` ±${half.toFixed(decimals)}` : ''}`;
  };
  const place = (row: BoardRow): string =>
    row.control
      ? ''
      : row.rank === null
        ? note(`not ranked: ${row.unranked ?? ''}`)
        : rankText(row);
  const notesOf = (row: BoardRow): readonly string[] => [
    ...(isSelfReported(row) ? [`self-reported: ${row.selfReported ?? ''}`] : []),
    ...lookUpReasons(row).map((reason) => `behaves as a look-up table: ${reason}`),
    ...(row.partialSignals ?? []).map((text) => `from ${text}`),
  ];
  // what keeps it from having a rank is told beside that
  const named = (row: BoardRow): string =>
    row.control
      ? `(${row.router})`
      : [
          row.router,
          ...notesOf(row)
            .filter((text) => row.unranked?.includes(text) !== true)
            .map(mark),
        ].join(' ');
  const ranks = ['rank', ...board.rows.map(place)];
  const names = ['router', ...board.rows.map(named)];
  const columns = shownColumns(board, metric).map((name) => {
    const best = bestOf(board, name, metric);
    const cells = board.rows.map((row) => {
      const measured = row.metrics[name]?.[metric];
      const text = cell(measured);
      return colour && best !== undefined && isVerified(row) && measured?.value === best
        ? bold(text)
        : text;
    });
    return [name, ...cells];
  });
  const tables = packed(columns, width - 1 - widthOf(ranks) - widthOf(names)).map((pack) =>
    drawn([ranks, names, ...pack]),
  );
  return [tables.join('\n\n'), ...notes.map((text, i) => `[${i + 1}] ${text}`)].join('\n');
}

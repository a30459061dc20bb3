/** The board in a terminal; it pastes into Markdown. */
import type { MetricDefinition } from '../../../core/index.js';
import type { LeaderboardRow, Leaderboard, Measured } from '../../../storage/results/types.js';
import { drawn } from './columns.js';
import { lookUpReasons } from '../../../analysis/leaderboard/robustness.js';

/** How to draw. */
export interface TableOptions {
  readonly metric: string;
  /** All metrics of the project. */
  readonly metrics: readonly MetricDefinition[];
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
function shownColumns(leaderboard: Leaderboard, metric: string): readonly string[] {
  const grouped = new Set(
    leaderboard.columns
      .filter(({ kind }) => kind === 'group')
      .flatMap(({ of: members }) => members),
  );
  return leaderboard.columns
    .filter(
      ({ name }) =>
        !grouped.has(name) &&
        leaderboard.rows.some((row) => row.metrics[name]?.[metric] !== undefined),
    )
    .map(({ name }) => name);
}

const ANSI = /\u001b\[\d+m/g;
const measureWidth = (cells: readonly string[]): number =>
  Math.max(...cells.map((text) => text.replace(ANSI, '').length)) + 3; // two blanks and a border

/** Columns dealt into tables that fit; a column too wide by itself still gets one. */
function packColumns(
  columns: readonly (readonly string[])[],
  availableWidth: number,
): readonly (readonly (readonly string[])[])[] {
  const packs: (readonly string[])[][] = [[]];
  let left = availableWidth;
  for (const column of columns) {
    if (measureWidth(column) > left && packs.at(-1)?.length !== 0) {
      packs.push([]);
      left = availableWidth;
    }
    packs.at(-1)?.push(column);
    left -= measureWidth(column);
  }
  return packs;
}

const isUnverified = ({ unverifiedReason }: LeaderboardRow): boolean =>
  typeof unverifiedReason === 'string';
/** Whether its numbers are among those that the best one is taken from. */
const isVerified = (row: LeaderboardRow): boolean =>
  !row.control && !isUnverified(row) && lookUpReasons(row).length === 0;

/**
 * The best value of a column among the verified routers; undefined where there is none, or where no
 * direction is better.
 */
function findBestValue(
  leaderboard: Leaderboard,
  column: string,
  metric: string,
  metrics: readonly MetricDefinition[],
): number | undefined {
  const values = leaderboard.rows
    .flatMap((row) => (!isVerified(row) ? [] : [row.metrics[column]?.[metric]?.value ?? []]))
    .flat();
  const known = metrics.find(({ name }) => name === metric);
  if (known === undefined || values.length === 0) return undefined;
  return known.better === 'higher' ? Math.max(...values) : Math.min(...values);
}

/** The rank, or the ranks that the pairwise tests leave open. */
const rankText = ({ rank, rankRange }: LeaderboardRow): string =>
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
export function renderLeaderboardTable(
  leaderboard: Leaderboard,
  { metric, metrics, colour, decimals = 3, width = Infinity }: TableOptions,
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
  const formatRank = (row: LeaderboardRow): string =>
    row.control
      ? ''
      : row.rank === null
        ? note(`not ranked: ${row.unranked ?? ''}`)
        : rankText(row);
  const getNotes = (row: LeaderboardRow): readonly string[] => [
    ...(isUnverified(row) ? [`self-reported: ${row.unverifiedReason ?? ''}`] : []),
    ...lookUpReasons(row).map((reason) => `behaves as a look-up table: ${reason}`),
    ...(row.partialSignals ?? []).map((text) => `from ${text}`),
  ];
  // what keeps it from having a rank is told beside that
  const named = (row: LeaderboardRow): string =>
    row.control
      ? `(${row.router})`
      : [
          row.router,
          ...getNotes(row)
            .filter((text) => row.unranked?.includes(text) !== true)
            .map(mark),
        ].join(' ');
  const ranks = ['rank', ...leaderboard.rows.map(formatRank)];
  const names = ['router', ...leaderboard.rows.map(named)];
  const columns = shownColumns(leaderboard, metric).map((name) => {
    const best = findBestValue(leaderboard, name, metric, metrics);
    const cells = leaderboard.rows.map((row) => {
      const measured = row.metrics[name]?.[metric];
      const text = cell(measured);
      return colour && best !== undefined && isVerified(row) && measured?.value === best
        ? bold(text)
        : text;
    });
    return [name, ...cells];
  });
  const tables = packColumns(columns, width - 1 - measureWidth(ranks) - measureWidth(names)).map(
    (pack) => drawn([ranks, names, ...pack]),
  );
  return [tables.join('\n\n'), ...notes.map((text, i) => `[${i + 1}] ${text}`)].join('\n');
}

/** The leaderboard as a table of text; it pastes into Markdown. */
import {
  countText,
  lookUpReasons,
  type Leaderboard,
  type LeaderboardRow,
  type Measured,
} from '../../../analysis/index.js';
import { drawColumns } from '../_text/columns.js';

/** How to draw. */
export interface TableOptions {
  readonly metric: string;
  /** Which values of the metric are better; left out = no value is marked as the best. */
  readonly better?: 'higher' | 'lower' | undefined;
  /** Bold for the best value of a column; only for terminals. */
  readonly colour: boolean;
  readonly decimals?: number;
  /**
   * Characters that a line may have: a wider leaderboard is drawn as several tables below one
   * another. Left out = one table.
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

/** Distributes columns over tables that fit; a column too wide by itself still gets one. */
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

/** The best value of a column among the verified routers; undefined where there is none. */
function findBestValue(
  { rows }: Leaderboard,
  column: string,
  { metric, better }: TableOptions,
): number | undefined {
  const values = rows.flatMap((row) => {
    const value = isVerified(row) ? row.metrics[column]?.[metric]?.value : undefined;
    return typeof value === 'number' ? [value] : [];
  });
  if (better === undefined || values.length === 0) return undefined;
  return better === 'higher' ? Math.max(...values) : Math.min(...values);
}

/** The rank, or the ranks that the pairwise tests leave open. */
const rankText = ({ rank, rankRange }: LeaderboardRow): string =>
  rankRange === undefined || rankRange[0] === rankRange[1] ? String(rank) : rankRange.join('–');

/** How intervals and ranks were computed; undefined for a leaderboard without. */
export function uncertaintyText({ uncertainty, rankedBy }: Leaderboard): string | undefined {
  if (uncertainty === undefined) return undefined;
  const { resamples, level, pairs, detectableGap, untested } = uncertainty;
  const percent = Number((100 * level).toFixed(2));
  const gap =
    detectableGap === null
      ? ''
      : ` The smallest gap in ${rankedBy.metric} on ${rankedBy.column} that such a test finds in 80 of 100 repetitions: ${detectableGap.toFixed(3)}.`;
  const tests =
    pairs === 0 // one router has no other one to be compared with
      ? ''
      : ` Ranks are ranges: routers that ${countText(pairs, 'paired test')} (Holm) cannot tell apart share theirs.`;
  const missing =
    untested === undefined ? '' : ` ${pairs === 0 ? 'No ranks' : 'Not tested'}: ${untested}.`;
  return `[low, high]: ${percent} % intervals over queries (${resamples} resamples, the same for all routers); ± half the range over training seeds.${tests}${missing}${gap}`;
}

/** Footnotes: each different text has a number. */
class Footnotes {
  readonly #texts: string[] = [];

  /** The number of a text in brackets. */
  mark(text: string): string {
    if (!this.#texts.includes(text)) this.#texts.push(text);
    return `[${this.#texts.indexOf(text) + 1}]`;
  }

  /** A missing value and why it is missing. */
  missing(reason: string): string {
    return `– ${this.mark(reason)}`;
  }

  lines(): readonly string[] {
    return this.#texts.map((text, i) => `[${i + 1}] ${text}`);
  }
}

/** Why a value has no interval; undefined where it has one, or where there are no intervals. */
const findNoCi = (measured: Measured | undefined): string | undefined =>
  measured === undefined || measured.value === null ? undefined : measured.noCi;

/** Why no router has an interval in a column; undefined where they have not all one reason. */
function findSharedNoCi({ rows }: Leaderboard, column: string, metric: string): string | undefined {
  const cells = rows.flatMap(({ control, metrics }) => {
    const measured = control ? undefined : metrics[column]?.[metric];
    return measured === undefined || measured.value === null ? [] : [measured];
  });
  const reason = findNoCi(cells[0]);
  return cells.every((measured) => findNoCi(measured) === reason) ? reason : undefined;
}

const noteOfNoCi = (reason: string): string => `no interval: ${reason}`;

interface CellOptions {
  readonly decimals: number;
  readonly notes: Footnotes;
  /** Marked at the head of the column already. */
  readonly sharedNoCi: string | undefined;
}

function formatCell(
  measured: Measured | undefined,
  { decimals, notes, sharedNoCi }: CellOptions,
): string {
  if (measured === undefined) return notes.missing('not measured');
  if (measured.value === null) return notes.missing(measured.reason);
  const { value, ci, noCi, spread } = measured;
  const mark = noCi === undefined || noCi === sharedNoCi ? '' : ` ${notes.mark(noteOfNoCi(noCi))}`;
  const half = spread === undefined ? 0 : (spread.max - spread.min) / 2;
  const interval =
    ci === undefined ? '' : ` [${ci.map((end) => end.toFixed(decimals)).join(', ')}]`;
  const range = half >= 0.5 * 10 ** -decimals ? ` ±${half.toFixed(decimals)}` : '';
  return `${value.toFixed(decimals)}${interval}${range}${mark}`;
}

function formatRank(row: LeaderboardRow, notes: Footnotes): string {
  if (row.control) return '';
  return row.rank === null ? notes.missing(`not ranked: ${row.unranked ?? ''}`) : rankText(row);
}

const formatSeeds = ({ fitLimit = [], seeds }: LeaderboardRow): string =>
  fitLimit.length === seeds.length ? 'every seed' : `seed ${fitLimit.join(', ')}`;

/** The name with marks for notes on the router; notes on a missing rank are marked at the rank. */
function formatName(row: LeaderboardRow, notes: Footnotes): string {
  if (row.control) return `(${row.router})`;
  const texts = [
    ...(isUnverified(row) ? [`unverified: ${row.unverifiedReason ?? ''}`] : []),
    ...lookUpReasons(row).map((reason) => `behaves as a look-up table: ${reason}`),
    ...(row.partialSignals ?? []).map((text) => `from ${text}`),
    ...(row.fitLimit === undefined
      ? []
      : [`its fit ended at its limit of epochs (${formatSeeds(row)}): more may make it better`]),
  ].filter((text) => row.unranked?.includes(text) !== true);
  return [row.router, ...texts.map((text) => notes.mark(text))].join(' ');
}

/**
 * Rows in the order of the shown metric: those of the leaderboard for the metric that ranks, else
 * the best value of the ranking column first; controls, and rows without a value, after the others.
 */
function sortRows(
  { rows, rankedBy }: Leaderboard,
  { metric, better }: Pick<TableOptions, 'metric' | 'better'>,
): readonly LeaderboardRow[] {
  if (metric === rankedBy.metric || better === undefined) return rows;
  const sign = better === 'higher' ? -1 : 1;
  const getKey = (row: LeaderboardRow): number => {
    const value = row.metrics[rankedBy.column]?.[metric]?.value;
    return typeof value === 'number' ? sign * value : Infinity;
  };
  const compare = (a: LeaderboardRow, b: LeaderboardRow): number => {
    if (a.control !== b.control) return a.control ? 1 : -1;
    if (a.control || getKey(a) === getKey(b)) return 0;
    return getKey(a) < getKey(b) ? -1 : 1;
  };
  return [...rows].sort(compare);
}

/** Which metric a table shows, in one line. */
export function titleText(
  { rankedBy, decides }: Leaderboard,
  { metric, better }: Pick<TableOptions, 'metric' | 'better'>,
): string {
  const direction = better === undefined ? '' : `, ${better} is better`;
  const only = decides === undefined ? '' : `Routers that decide ${decides} the weak answer: `;
  return metric === rankedBy.metric
    ? `${only}${metric}${direction}; ranks are on ${rankedBy.column}`
    : `${only}${metric}${direction}; in its order on ${rankedBy.column}. Ranks are by ${rankedBy.metric}.`;
}

/** The table of one metric, with numbered footnotes for what is not there. */
export function renderLeaderboardTable(leaderboard: Leaderboard, options: TableOptions): string {
  const { metric, colour, decimals = 3, width = Infinity } = options;
  const { rankedBy } = leaderboard;
  const rows = sortRows(leaderboard, options);
  const notes = new Footnotes();
  const isRanking = metric === rankedBy.metric;
  const ranks = [
    isRanking ? 'rank' : `rank by ${rankedBy.metric}`,
    ...rows.map((row) => formatRank(row, notes)),
  ];
  const names = ['router', ...rows.map((row) => formatName(row, notes))];
  const decides = rows.some(({ routing }) => routing !== undefined)
    ? [['decides', ...rows.map(({ routing }) => routing?.decides ?? '')]]
    : [];
  const columns = shownColumns(leaderboard, metric).map((name) => {
    const best = findBestValue(leaderboard, name, options);
    const sharedNoCi = findSharedNoCi(leaderboard, name, metric);
    const head = sharedNoCi === undefined ? name : `${name} ${notes.mark(noteOfNoCi(sharedNoCi))}`;
    const cells = rows.map((row) => {
      const measured = row.metrics[name]?.[metric];
      const text = formatCell(measured, { decimals, notes, sharedNoCi });
      const isBest = best !== undefined && isVerified(row) && measured?.value === best;
      return colour && isBest ? bold(text) : text;
    });
    return [head, ...cells];
  });
  const fixed = [ranks, names, ...decides];
  const available = fixed.reduce((left, column) => left - measureWidth(column), width - 1);
  const tables = packColumns(columns, available).map((pack) => drawColumns([...fixed, ...pack]));
  return [tables.join('\n\n'), ...notes.lines()].join('\n');
}

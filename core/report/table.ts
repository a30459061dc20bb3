/** The board in a terminal; it pastes into Markdown. */
import Table from 'cli-table3';
import type { BoardRow, Leaderboard, Measured } from '../results/types.js';

/** How to draw. */
export interface TableOptions {
  readonly metric: string;
  /** Bold for the best value of a column; only for terminals. */
  readonly colour: boolean;
  readonly decimals?: number;
}

const MARKDOWN_BORDERS = {
  top: '', 'top-mid': '', 'top-left': '', 'top-right': '',
  bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
  left: '|', 'left-mid': '|', mid: '-', 'mid-mid': '|', right: '|', 'right-mid': '|', middle: '|',
} as const;

const bold = (text: string): string => `\u001b[1m${text}\u001b[22m`;

/** Columns that have the metric at all, with the averages; single sets of a group are left out where groups are shown. */
function shownColumns(board: Leaderboard, metric: string): readonly string[] {
  const grouped = new Set(board.columns.filter(({ kind }) => kind === 'group').flatMap(({ of }) => of));
  return board.columns.filter(({ name }) => !grouped.has(name) && board.rows.some((row) => row.metrics[name]?.[metric] !== undefined)).map(({ name }) => name);
}

/** The table of one metric, with numbered footnotes for what is not there. */
export function boardTable(board: Leaderboard, { metric, colour, decimals = 3 }: TableOptions): string {
  const columns = shownColumns(board, metric);
  const notes: string[] = [];
  const note = (reason: string): string => {
    if (!notes.includes(reason)) notes.push(reason);
    return `– [${notes.indexOf(reason) + 1}]`;
  };
  const cell = (measured: Measured | undefined): string => {
    if (measured === undefined) return note('not measured');
    if (measured.value === null) return note(measured.reason);
    const half = measured.spread === undefined ? 0 : (measured.spread.max - measured.spread.min) / 2;
    return `${measured.value.toFixed(decimals)}${half >= 0.5 * 10 ** -decimals ? ` ±${half.toFixed(decimals)}` : ''}`;
  };
  const best = columns.map((name) => {
    const values = board.rows.flatMap((row) => (row.control ? [] : [row.metrics[name]?.[metric]?.value ?? -Infinity]));
    return metric.startsWith('cpt') || metric === 'auroc-drop' ? NaN : Math.max(...values);
  });
  const place = (row: BoardRow): string => (row.control ? '' : row.rank === null ? note(`not ranked: ${row.unranked ?? ''}`) : String(row.rank));
  const table = new Table({
    head: ['rank', 'router', ...columns],
    chars: MARKDOWN_BORDERS,
    style: { head: [], border: [], compact: true },
    colAligns: ['right', 'left', ...columns.map((): 'right' => 'right')],
  });
  for (const row of board.rows) {
    const cells = columns.map((name, i) => {
      const measured = row.metrics[name]?.[metric];
      const text = cell(measured);
      return colour && !row.control && measured?.value === best[i] ? bold(text) : text;
    });
    table.push([place(row), row.control ? `(${row.router})` : row.router, ...cells]);
  }
  const [head, ...rest] = table.toString().split('\n').filter((line) => line !== '');
  const rule = (head ?? '').replace(/[^|]/g, '-');
  const lines = [head, rule, ...rest.filter((line) => !/^[|-]+$/.test(line))];
  return [...lines, ...notes.map((text, i) => `[${i + 1}] ${text}`)].join('\n');
}

/** The leaderboard as the paper's two tables, with the published numbers. */
import type { Leaderboard, LeaderboardRow, Measured } from '../../../analysis/index.js';
import { csvLine } from '../_text/csv.js';
import { escapeLatex } from '../_text/latex.js';

/** A column of the paper: its heading, and its name on the leaderboard. */
interface Column {
  readonly title: string;
  readonly name: string;
}

const COLUMNS: readonly Column[] = [
  { title: 'Alpaca', name: 'alpaca' },
  { title: 'Big Math', name: 'big-math' },
  { title: 'MMLU', name: 'mmlu' },
  { title: 'ID AVG', name: 'ID AVG' },
  { title: 'Magpie', name: 'magpie' },
  { title: 'MATH', name: 'math' },
  { title: 'STEM', name: 'STEM' },
  { title: 'Humanities', name: 'Humanities' },
  { title: 'Social Sciences', name: 'Social Sciences' },
  { title: 'Others', name: 'Others' },
  { title: 'OOD AVG', name: 'OOD AVG' },
];

/**
 * What the paper's averages are means of. A leaderboard that lacks a set has another average.
 */
const MEANS_OF: Readonly<Record<string, readonly string[]>> = {
  'ID AVG': ['alpaca', 'big-math', 'mmlu'],
  'OOD AVG': ['magpie', 'math', 'STEM', 'Humanities', 'Social Sciences', 'Others'],
};

/** What the paper prints, in %: arXiv 2602.11877, ProbeDirichlet. */
const PUBLISHED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  auroc: { Alpaca: 72.02, 'Big Math': 66.18, MMLU: 67.88, Magpie: 74.08, MATH: 73.9, STEM: 65.32 },
  lpm: { MMLU: 78.51, Magpie: 63.53, MATH: 69.24, STEM: 59.2 },
};

const NOTE =
  'ProbeDirichlet (published): arXiv 2602.11877, one seed, no intervals. Its published average AUROC is 68.70, that of the mean probe 68.04, that of the last-layer probe 53.91. – = not measured, or not published.';

/** One of the two tables. */
export interface PaperTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly name: string;
    readonly published: boolean;
    readonly cells: readonly string[];
  }[];
  readonly note: string;
}

const MISSING = '–';
const percent = (value: number): string => value.toFixed(2);
const formatCell = (measured: Measured | undefined): string =>
  measured === undefined || measured.value === null ? MISSING : percent(100 * measured.value);

/** How many of the paper's columns a leaderboard has; 0 = it is another benchmark. */
export const paperColumns = (leaderboard: Leaderboard): number =>
  COLUMNS.filter(({ name }) =>
    leaderboard.columns.some((column) => column.name === name && column.kind !== 'average'),
  ).length;

function rowName({ router, control, unverifiedReason }: LeaderboardRow): string {
  if (control) return `(${router})`;
  return typeof unverifiedReason === 'string' ? `${router} (unverified)` : router;
}

function table(leaderboard: Leaderboard, title: string, metrics: readonly string[]): PaperTable {
  const has = (name: string): boolean => leaderboard.columns.some((column) => column.name === name);
  const measured = (
    row: Leaderboard['rows'][number],
    column: string,
    metric: string,
  ): Measured | undefined =>
    (MEANS_OF[column] ?? []).every(has) ? row.metrics[column]?.[metric] : undefined;
  const rows = leaderboard.rows.map((row) => ({
    name: rowName(row),
    published: false,
    cells: COLUMNS.map(({ name }) =>
      metrics.map((metric) => formatCell(measured(row, name, metric))).join(' / '),
    ),
  }));
  const published = {
    name: 'ProbeDirichlet (published)',
    published: true,
    cells: COLUMNS.map((column) =>
      metrics
        .map((metric) => {
          const value = PUBLISHED[metric]?.[column.title];
          return value === undefined ? MISSING : percent(value);
        })
        .join(' / '),
    ),
  };
  return {
    title,
    columns: COLUMNS.map((column) => column.title),
    rows: [...rows, published],
    note: NOTE,
  };
}

/** Router ability, and scenario alignment. */
export const paperTables = (leaderboard: Leaderboard): readonly PaperTable[] => [
  table(leaderboard, 'Router ability: AUROC (%)', ['auroc']),
  table(leaderboard, 'Scenario alignment: LPM / MPM / HCR (%)', ['lpm', 'mpm', 'hcr']),
];

/** For a terminal and for Markdown. */
export function paperMarkdown(tables: readonly PaperTable[]): string {
  const drawn = tables.map(({ title, columns, rows }) => {
    const lines = [['Router', ...columns], ...rows.map(({ name, cells }) => [name, ...cells])];
    const widths = columns
      .map((_column, i) => i + 1)
      .reduce<number[]>(
        (all, i) => [...all, Math.max(...lines.map((line) => line[i]?.length ?? 0))],
        [Math.max(...lines.map(([name = '']) => name.length))],
      );
    const row = (cells: readonly string[]): string =>
      `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`;
    const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
    const [head = [], ...rest] = lines;
    return [`### ${title}`, '', row(head), rule, ...rest.map(row)].join('\n');
  });
  return `${drawn.join('\n\n')}\n\n${tables[0]?.note ?? ''}\n`;
}

/** One line a table, router and column. */
export function paperCsv(tables: readonly PaperTable[]): string {
  const lines = tables.flatMap(({ title, columns, rows }) =>
    rows.flatMap(({ name, published, cells }) =>
      columns.map((column, i) =>
        csvLine([title, name, published ? 'published' : 'measured', column, cells[i] ?? '']),
      ),
    ),
  );
  return `${['table,router,origin,column,value', ...lines].join('\n')}\n`;
}

/** For a paper: needs the package booktabs. */
export function paperLatex(tables: readonly PaperTable[]): string {
  const line = (cells: readonly string[]): string => `${cells.map(escapeLatex).join(' & ')} \\\\`;
  return tables
    .map(({ title, columns, rows, note }) =>
      [
        '\\begin{table}',
        `\\caption{${escapeLatex(title)}. ${escapeLatex(note)}}`,
        `\\begin{tabular}{l${'r'.repeat(columns.length)}}`,
        '\\toprule',
        line(['Router', ...columns]),
        '\\midrule',
        ...rows
          .filter(({ published }) => !published)
          .map(({ name, cells }) => line([name, ...cells])),
        '\\midrule',
        ...rows
          .filter(({ published }) => published)
          .map(({ name, cells }) => line([name, ...cells])),
        '\\bottomrule',
        '\\end{tabular}',
        '\\end{table}',
        '',
      ].join('\n'),
    )
    .join('\n');
}

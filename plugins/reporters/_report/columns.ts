/** Tables of text. */
import Table from 'cli-table3';

const MARKDOWN_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '|',
  'left-mid': '|',
  mid: '-',
  'mid-mid': '|',
  right: '|',
  'right-mid': '|',
  middle: '|',
} as const;

/**
 * One table of columns of text, each with its head first; one of them is flush left (the second
 * where nothing is said), the others flush right. It pastes into Markdown.
 */
export function drawn(columns: readonly (readonly string[])[], left = 1): string {
  const table = new Table({
    head: columns.map(([head = '']) => head),
    chars: MARKDOWN_BORDERS,
    style: { head: [], border: [], compact: true },
    colAligns: columns.map((_column, i) => (i === left ? 'left' : 'right')),
  });
  const rows = (columns[0]?.length ?? 1) - 1;
  for (let row = 1; row <= rows; row++) table.push(columns.map((column) => column[row] ?? ''));
  const [head, ...rest] = table
    .toString()
    .split('\n')
    .filter((line) => line !== '');
  const rule = (head ?? '').replace(/[^|]/g, '-');
  return [head, rule, ...rest.filter((line) => !/^[|-]+$/.test(line))].join('\n');
}

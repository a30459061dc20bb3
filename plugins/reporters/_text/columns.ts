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

const escapeCell = (text: string): string => text.replace(/\|/g, '\\|');

/**
 * Draws columns of text, each with its head first, as one table that pastes into Markdown. The
 * column `left` is aligned left (default: the second), the others right.
 */
export function drawColumns(columns: readonly (readonly string[])[], left = 1): string {
  const table = new Table({
    head: columns.map(([head = '']) => escapeCell(head)),
    chars: MARKDOWN_BORDERS,
    style: { head: [], border: [], compact: true },
    colAligns: columns.map((_column, i) => (i === left ? 'left' : 'right')),
  });
  const rows = (columns[0]?.length ?? 1) - 1;
  for (let row = 1; row <= rows; row++)
    table.push(columns.map((column) => escapeCell(column[row] ?? '')));
  const [head, ...rest] = table
    .toString()
    .split('\n')
    .filter((line) => line !== '');
  const rule = (head ?? '').replace(/\\\||[^|]/g, (part) => '-'.repeat(part.length));
  return [head, rule, ...rest.filter((line) => !/^[|-]+$/.test(line))].join('\n');
}

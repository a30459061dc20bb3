const escapeCell = (text: string): string => text.replace(/\|/g, '\\|').replace(/\n/g, ' ');

/**
 * The lines of a Markdown table: a head and rows of cells. The columns in `left` are aligned left,
 * the others right. A `|` in a cell is escaped.
 */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  left: readonly number[] = [0],
): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(' | ')} |`;
  return [
    line(head),
    `|${head.map((_name, i) => (left.includes(i) ? '---' : '---:')).join('|')}|`,
    ...rows.map(line),
  ];
}

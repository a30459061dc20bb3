/**
 * A table in Markdown, line by line: a head and rows of cells. The columns of `left` are flush
 * left, the others flush right.
 */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  left: readonly number[] = [0],
): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(head),
    `|${head.map((_name, i) => (left.includes(i) ? '---' : '---:')).join('|')}|`,
    ...rows.map(line),
  ];
}

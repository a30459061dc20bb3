import Table from 'cli-table3';

/** A table with borders for a terminal: a head and rows of cells. */
export function terminalTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  for (const row of rows) table.push([...row]);
  return table.toString();
}

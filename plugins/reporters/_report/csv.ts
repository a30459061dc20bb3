/** Cells as one line of CSV: quoted where they need it, no line break behind. */
export const csvLine = (cells: readonly (string | number)[]): string =>
  cells.map((cell) => quoted(String(cell))).join(',');

const quoted = (text: string): string =>
  /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;

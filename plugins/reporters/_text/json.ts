import stringify from 'json-stringify-pretty-compact';

const round = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(6)) : value;

/** JSON as in result files: 6 decimals, short values on one line, a final newline. */
export const formatJson = (value: unknown): string =>
  `${stringify(value, { maxLength: 120, replacer: round })}\n`;

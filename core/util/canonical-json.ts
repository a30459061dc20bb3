import { createHash } from 'node:crypto';

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
};

/** JSON with sorted keys: equal values give equal text. */
export const canonicalJson = (value: unknown): string => JSON.stringify(sorted(value));

/** Hash of a JSON value for artifact keys: 24 hex digits of SHA-256 of its canonical text. */
export const jsonHash = (value: unknown): string =>
  createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 24);

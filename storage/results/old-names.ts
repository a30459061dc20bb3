import { isObject } from '../../core/util/json.js';

/** Fields of result files that version 0.1 wrote under another name. */
const OLD_NAMES: Readonly<Record<string, string>> = { selfReported: 'unverifiedReason' };

const renameFields = (row: unknown): unknown =>
  isObject(row)
    ? Object.fromEntries(
        Object.entries(row).map(([name, value]) => [OLD_NAMES[name] ?? name, value]),
      )
    : row;

/**
 * A result or leaderboard with the field names of the current version, whichever version wrote it.
 */
export function withCurrentNames(value: unknown): unknown {
  const current = renameFields(value);
  return isObject(current) && Array.isArray(current['rows'])
    ? { ...current, rows: current['rows'].map(renameFields) }
    : current;
}

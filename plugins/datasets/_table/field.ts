/** Where the value of a row comes from in a record of a file. */
import { z } from '../../../core/index.js';

/** A column or a path into nested objects, such as `metadata.level` or `turns.0`. */
const Path = z.string().min(1);

/**
 * A path, one value for all rows, a template with `{path}` placeholders, or the letter (A, B …) of
 * an index counted from 0.
 */
export const Field = z.union([
  Path,
  z.strictObject({ value: z.union([z.string(), z.number()]) }),
  z.strictObject({ template: z.string().min(1) }),
  z.strictObject({ letter: Path }),
]);

/** One of them. */
export type Field = z.infer<typeof Field>;

/** A record of a file: a JSON object, a CSV line under its header, a row of a Parquet file. */
export type TableRecord = Readonly<Record<string, unknown>>;

/** Whether a value is a record: an object that is not an array. */
export const isRecord = (value: unknown): value is TableRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value at a path; a column whose name contains dots has priority over the path. */
export function valueAt(record: TableRecord, path: string): unknown {
  if (Object.hasOwn(record, path)) return record[path];
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null ? (value as TableRecord)[key] : undefined,
      record,
    );
}

/** The letter of an option. */
export const getLetter = (index: number): string => String.fromCharCode('A'.charCodeAt(0) + index);

/** A value in a template: an array becomes lettered lines, like the options of a question. */
function printed(value: unknown): string {
  if (Array.isArray(value))
    return value.map((item, i) => `${getLetter(i)}. ${printed(item)}`).join('\n');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The value of a field; undefined if the record has none. */
export function getField(record: TableRecord, field: Field): unknown {
  if (typeof field === 'string') return valueAt(record, field) ?? undefined;
  if ('value' in field) return field.value;
  if ('letter' in field) {
    const index = Number(valueAt(record, field.letter) ?? NaN);
    return Number.isInteger(index) && index >= 0 && index < 26 ? getLetter(index) : undefined;
  }
  let missing = false;
  const text = field.template.replace(/\{([^{}]+)\}/g, (_whole, path: string) => {
    const value = valueAt(record, path) ?? undefined;
    if (value === undefined) missing = true;
    return printed(value);
  });
  return missing ? undefined : text;
}

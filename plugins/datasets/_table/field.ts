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

/**
 * The value at a path. A name may contain dots itself, as in `scores.qwen2.5-7b`: of all ways to
 * divide the path into names that exist, the one with the longest first name counts.
 */
export function valueAt(record: TableRecord, path: string): unknown {
  if (Object.hasOwn(record, path)) return record[path];
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const name = path.slice(0, dot);
    const inner = Object.hasOwn(record, name) ? record[name] : undefined;
    if (typeof inner !== 'object' || inner === null) continue;
    const value = valueAt(inner as TableRecord, path.slice(dot + 1));
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The columns that a field reads. */
export function getPaths(field: Field): readonly string[] {
  if (typeof field === 'string') return [field];
  if ('letter' in field) return [field.letter];
  if ('template' in field)
    return [...field.template.matchAll(/\{([^{}]+)\}/g)].map(([, path]) => path as string);
  return [];
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

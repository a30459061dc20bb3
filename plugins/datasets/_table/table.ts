/** Files → the rows of a split. */
import type { DatasetRow, Files } from '../../../core/index.js';
import { DatasetError } from '../_errors.js';
import { getPaths, valueAt, type TableRecord } from './field.js';
import { filesBySplit, type RowOptions, type TableOptions } from './options.js';
import type { ReadRecords } from './records.js';
import { listColumns, passes, parseRow } from './row.js';

/**
 * Rows of several files, one after another; without an id field, the id is the split and the number
 * among all rows.
 */
export async function* readRows(
  files: Files,
  paths: readonly { readonly path: string; readonly shown: string }[],
  split: string,
  options: RowOptions,
  read: (path: string) => ReadRecords,
): AsyncGenerator<DatasetRow> {
  let number = 0;
  let chosen = 0;
  let first: TableRecord | undefined;
  const unseen = new Map(listPaths(options));
  for (const { path, shown } of paths) {
    for await (const placed of read(path)(files, path)) {
      number++;
      first ??= placed.record;
      for (const column of unseen.keys())
        if (valueAt(placed.record, column) !== undefined) unseen.delete(column);
      if (!passes(placed.record, options.where)) continue;
      chosen++;
      yield parseRow(placed, shown, `${split}-${number}`, options);
    }
  }
  for (const [column, option] of unseen)
    if (first !== undefined)
      throw new DatasetError('columnNotFound', {
        files: paths.map(({ shown }) => shown).join(', '),
        column: JSON.stringify(column),
        option,
        columns: listColumns(first),
      });
  if (chosen === 0 && first !== undefined)
    throw new DatasetError('noRecordChosen', {
      records: number,
      files: paths.map(({ shown }) => shown).join(', '),
      where: JSON.stringify(options.where),
      values: explainWhere(first, options.where),
    });
}

/** What the first record has in the columns of `where`, or which columns there are. */
function explainWhere(record: TableRecord, where: RowOptions['where']): string {
  const texts = Object.keys(where).map((path) => {
    const value = valueAt(record, path);
    return value === undefined
      ? `there is no column ${JSON.stringify(path)}; the columns are ${listColumns(record)}`
      : `${JSON.stringify(path)} of the first record is ${JSON.stringify(value)}`;
  });
  return ` ${texts.map((text) => text.charAt(0).toUpperCase() + text.slice(1)).join('. ')}.`;
}

/** The columns that the options name, each with its option: each must be in some record. */
function listPaths({ fields, recorded }: RowOptions): readonly (readonly [string, string])[] {
  const named = [
    ...Object.entries(fields).map(([name, field]) => [`fields.${name}`, field] as const),
    ...Object.entries(recorded).flatMap(([model, members]) =>
      Object.entries(members).map(([name, field]) => [`recorded.${model}.${name}`, field] as const),
    ),
  ];
  return named.flatMap(([option, field]) =>
    (field === undefined ? [] : getPaths(field)).map((path) => [path, `\`${option}\``] as const),
  );
}

/** Rows of a split from local files. */
export const tableRows = (
  files: Files,
  options: TableOptions,
  split: string,
  read: ReadRecords,
): AsyncGenerator<DatasetRow> =>
  readRows(
    files,
    (filesBySplit(options)[split] ?? []).map((path) => ({ path, shown: path })),
    split,
    options,
    () => read,
  );

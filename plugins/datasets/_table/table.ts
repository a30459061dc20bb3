/** Files → the rows of a split. */
import type { DatasetRow, Files } from '../../../core/index.js';
import { filesBySplit, type RowOptions, type TableOptions } from './options.js';
import type { ReadRecords } from './records.js';
import { passes, parseRow } from './row.js';

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
  for (const { path, shown } of paths) {
    for await (const placed of read(path)(files, path)) {
      number++;
      if (passes(placed.record, options.where))
        yield parseRow(placed, shown, `${split}-${number}`, options);
    }
  }
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

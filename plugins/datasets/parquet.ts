import { dataset, FILES, inject, OPTIONS, type Dataset, type Files } from '../../core/index.js';
import { buildFacts, filesBySplit, TableOptions, UNTIL_OPTIONS } from './_table/options.js';
import { parquetRecords } from './_table/parquet-records.js';
import { tableRows } from './_table/table.js';

/** Rows from your files: Parquet. */
@dataset({
  name: 'parquet',
  summary: 'Files of your own: Parquet, with a field map',
  ...UNTIL_OPTIONS,
  options: TableOptions,
  depends: (options) =>
    buildFacts(
      options,
      Object.keys(filesBySplit(options)),
      Object.values(filesBySplit(options)).flat().join(', '),
    ),
})
export class Parquet implements Dataset {
  constructor(
    @inject(OPTIONS) private readonly options: TableOptions,
    @inject(FILES) private readonly files: Files,
  ) {}

  readonly read = (split: string) => tableRows(this.files, this.options, split, parquetRecords);
}

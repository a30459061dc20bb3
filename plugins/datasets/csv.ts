import { dataset, FILES, inject, OPTIONS, type Dataset, type Files } from '../../core/index.js';
import { buildFacts, CsvOptions, filesBySplit, UNTIL_OPTIONS } from './_table/options.js';
import { csvRecords } from './_table/records.js';
import { tableRows } from './_table/table.js';

/** Rows from your files: comma-separated values with a header line. */
@dataset({
  name: 'csv',
  summary: 'Files of your own: comma-separated values under a header, with a field map',
  ...UNTIL_OPTIONS,
  options: CsvOptions,
  depends: (options) =>
    buildFacts(
      options,
      Object.keys(filesBySplit(options)),
      Object.values(filesBySplit(options)).flat().join(', '),
    ),
})
export class Csv implements Dataset {
  constructor(
    @inject(OPTIONS) private readonly options: CsvOptions,
    @inject(FILES) private readonly files: Files,
  ) {}

  readonly read = (split: string) =>
    tableRows(this.files, this.options, split, (files, path) =>
      csvRecords(files, path, this.options.delimiter),
    );
}

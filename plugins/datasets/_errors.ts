import { defineErrors } from '../../core/index.js';

/** Errors of datasets. */
export const DatasetError = defineErrors({
  invalidCsv: {
    code: 'RXB3102',
    message: '{file}:{line} is not valid CSV: {problem}',
    fix: 'Fix the line. Quotes inside a quoted field must be doubled.',
  },
  invalidParquet: {
    code: 'RXB3103',
    message: 'Cannot read {file} as Parquet: {problem}',
    fix: 'Download the file again; an incomplete download causes this error.',
  },
  unknownFileType: {
    code: 'RXB3104',
    message: 'Unknown file type: {file}. Supported types: {endings}.',
    fix: 'Convert the file, or use a dataset plugin that reads this type.',
  },
});

import { defineErrors } from '../../core/index.js';

/** Errors of datasets. */
export const DatasetError = defineErrors({
  invalidCsvHeader: {
    code: 'RXB3112',
    message: '{file}: {problem}.',
    fix: 'Fix the header or the options of the dataset (docs/datasets.md, "Your own files").',
  },
  noRecordChosen: {
    code: 'RXB3113',
    message: 'None of the {records} records of {files} has {where}.{values}',
    fix: 'Fix `where` in the options of the dataset.',
  },
  columnNotFound: {
    code: 'RXB3114',
    message:
      'No record of {files} has the column {column}, which {option} names. The columns are {columns}.',
    fix: 'Fix the field map in the options of the dataset.',
  },
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

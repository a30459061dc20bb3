/** Files → records, by file type. */
import { Readable } from 'node:stream';
import {
  HarnessError,
  getErrorMessage,
  isObject,
  parseJson,
  type Files,
} from '../../../core/index.js';
import type { TableRecord } from './field.js';
import { parquetRecords } from './parquet-records.js';
import type { NumberedRecord } from './row.js';
import { DatasetError } from '../_errors.js';

/** Reads the records of a file. */
export type ReadRecords = (files: Files, path: string) => AsyncIterable<NumberedRecord>;

/** One JSON object per line; empty lines are skipped. */
export async function* jsonlRecords(files: Files, path: string): AsyncGenerator<NumberedRecord> {
  let line = 0;
  for await (const text of files.lines(path)) {
    line++;
    if (text.trim() === '') continue;
    let record: unknown;
    try {
      record = parseJson(text);
    } catch (cause) {
      throw new HarnessError(
        'invalidJson',
        { file: path, line, problem: getErrorMessage(cause) },
        { cause },
      );
    }
    if (!isObject(record))
      throw new HarnessError('invalidRow', { file: path, line, problem: 'is not an object' });
    yield { record, line };
  }
}

async function* withNewlines(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`;
}

/** Characters that often stand between fields, by name. */
const DELIMITERS: readonly (readonly [delimiter: string, name: string])[] = [
  [';', 'semicolons'],
  ['\t', 'tabs'],
  ['|', 'vertical bars'],
  [',', 'commas'],
];

/** What is wrong with the columns of a header; undefined if nothing is. */
function findHeaderProblem(
  columns: readonly string[],
  delimiter: string,
): { readonly problem: string } | undefined {
  const [only = ''] = columns;
  const other = DELIMITERS.find(([text]) => text !== delimiter && only.includes(text));
  if (columns.length === 1 && other !== undefined) {
    const [text, name] = other;
    return {
      problem: `the header is one column, ${JSON.stringify(only)}, whose parts are divided by ${name}: set the option \`delimiter\` to ${JSON.stringify(text)}`,
    };
  }
  const double = columns.find((name, i) => columns.indexOf(name) !== i);
  return double === undefined
    ? undefined
    : { problem: `two columns are called ${JSON.stringify(double)}; rename one of them` };
}

/** CSV with a header line (RFC 4180); quoted fields may contain line breaks. */
export async function* csvRecords(
  files: Files,
  path: string,
  delimiter = ',',
): AsyncGenerator<NumberedRecord> {
  const { parse } = await import('csv-parse');
  let broken: unknown; // an error of reading, which the parser would report as its own
  const lines = withNewlines(files.lines(path));
  const source = Readable.from(
    (async function* () {
      try {
        yield* lines;
      } catch (cause) {
        broken = cause;
        throw cause;
      }
    })(),
  );
  const columns = (header: readonly string[]): string[] => {
    const problem = findHeaderProblem(header, delimiter);
    if (problem !== undefined)
      broken = new DatasetError('invalidCsvHeader', { file: path, ...problem });
    if (broken !== undefined) throw broken as Error;
    return [...header];
  };
  const parser = source.pipe(
    parse({ columns, delimiter, bom: true, info: true, skip_empty_lines: true }),
  );
  source.on('error', (cause) => parser.destroy(cause));
  let last = 1;
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      readonly record: TableRecord;
      readonly info: { readonly lines: number };
    }>) {
      yield { record, line: last + 1 };
      last = info.lines;
    }
  } catch (cause) {
    if (broken !== undefined) throw broken;
    if (cause instanceof HarnessError) throw cause;
    throw new DatasetError(
      'invalidCsv',
      { file: path, line: last + 1, problem: getErrorMessage(cause) },
      { cause },
    );
  } finally {
    source.destroy();
    parser.destroy();
  }
}

const BY_ENDING: Readonly<Record<string, ReadRecords>> = {
  jsonl: jsonlRecords,
  ndjson: jsonlRecords,
  csv: csvRecords,
  parquet: parquetRecords,
};

/**
 * The reader for a file name, by its ending.
 * @throws HarnessError RXB3104 for an unknown ending
 */
export function recordsFor(path: string): ReadRecords {
  const found = BY_ENDING[/\.([a-z]+)$/.exec(path)?.[1] ?? ''];
  if (found === undefined)
    throw new DatasetError('unknownFileType', {
      file: path,
      endings: Object.keys(BY_ENDING).join(', '),
    });
  return found;
}

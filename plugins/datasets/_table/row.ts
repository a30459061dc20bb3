/** A record of a file → a row of a dataset. */
import { HarnessError, type DatasetRow, type RecordedOutcome } from '../../../core/index.js';
import { getField, getLetter, getPaths, valueAt, type Field, type TableRecord } from './field.js';
import type { RowOptions } from './options.js';

/** A record and its location. */
export interface NumberedRecord {
  readonly record: TableRecord;
  /** 1 = first line, or first row if the file has no lines. */
  readonly line: number;
}

type Wrong = (problem: string) => HarnessError;

/** Names of columns that are listed. */
const MOST_COLUMNS = 30;

/** The columns that a record has, as they must be written in the field map. */
export function listColumns(record: TableRecord): string {
  const names = Object.keys(record);
  const rest = names.length - MOST_COLUMNS;
  const listed = names.slice(0, MOST_COLUMNS).map((name) => JSON.stringify(name));
  return `${listed.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** Where a field names a column that is not there: which there are, and the nearest. */
function explainMissing(record: TableRecord, field: Field): string {
  const absent = getPaths(field).find((path) => valueAt(record, path) === undefined);
  if (absent === undefined) return '';
  const bare = (name: string): string => name.trim().toLowerCase();
  const near = Object.keys(record).find((name) => bare(name) === bare(absent));
  return `; name one of its columns in \`fields\`: ${listColumns(record)}${near === undefined ? '' : `. Did you mean ${JSON.stringify(near)}?`}`;
}

const isText = (value: unknown): value is string | number | bigint =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';

const formatField = (field: Field): string =>
  typeof field === 'string' ? field : JSON.stringify(field);

function readText(record: TableRecord, field: Field, what: string, wrong: Wrong): string {
  const value = getField(record, field);
  if (!isText(value) || String(value).trim() === '')
    throw wrong(`has no ${what} (field ${formatField(field)})${explainMissing(record, field)}`);
  return String(value);
}

const optional = (record: TableRecord, field: Field | undefined): string | undefined => {
  const value = field === undefined ? undefined : getField(record, field);
  return isText(value) && String(value) !== '' ? String(value) : undefined;
};

function readTexts(
  record: TableRecord,
  field: Field,
  what: string,
  wrong: Wrong,
): readonly string[] {
  const value = getField(record, field);
  const list: unknown =
    typeof value === 'string' && value.startsWith('[') ? parsedList(value) : value;
  if (!Array.isArray(list) || list.length === 0 || !list.every(isText))
    throw wrong(
      `has no list of ${what} (field ${formatField(field)})${explainMissing(record, field)}`,
    );
  return list.map(String);
}

/** CSV has no arrays; a JSON array in a field is taken for one. */
function parsedList(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const parseNumber = (value: unknown): number | undefined => {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string' && /^(true|false)$/i.test(value.trim()))
    return value.trim().toLowerCase() === 'true' ? 1 : 0;
  if (typeof value === 'string' && value.trim() === '') return undefined;
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint')
    return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
};

/**
 * The recorded outcome of each model. An empty grade becomes null, with its reason; one that is not
 * a number is an error.
 */
function readRecorded(
  record: TableRecord,
  { recorded, scale }: RowOptions,
  wrong: Wrong,
): Readonly<Record<string, RecordedOutcome>> {
  return Object.fromEntries(
    Object.entries(recorded).map(([model, fields]): [string, RecordedOutcome] => {
      const given = getField(record, fields.grade);
      const grade = parseNumber(given);
      const empty = given === undefined || given === '';
      if (grade === undefined && !empty)
        throw wrong(
          `has the grade ${JSON.stringify(given)} of ${model}, which is not a number${/^-?\d+,\d+$/.test(String(given)) ? ' (write a decimal point)' : ''}`,
        );
      if (grade !== undefined && (grade < scale[0] || grade > scale[1]))
        throw wrong(
          `has the grade ${grade} of ${model}, outside ${scale[0]} to ${scale[1]} (option scale)`,
        );
      const text = optional(record, fields.text);
      const number = (field: Field | undefined): number | undefined =>
        field === undefined ? undefined : parseNumber(getField(record, field));
      const [prompt, completion, cost] = [
        number(fields.promptTokens),
        number(fields.completionTokens),
        number(fields.cost),
      ];
      return [
        model,
        {
          ...(grade === undefined ? { grade: null, reason: 'no grade was recorded' } : { grade }),
          ...(text === undefined ? {} : { text }),
          ...(prompt === undefined || completion === undefined
            ? {}
            : { usage: { prompt, completion } }),
          ...(cost === undefined ? {} : { cost }),
        },
      ];
    }),
  );
}

/** The labels of the options: the field `labels`, else a column `label` beside a column `text`. */
function readLabels(
  record: TableRecord,
  { choices, labels }: RowOptions['fields'],
  wrong: Wrong,
): readonly string[] | undefined {
  if (labels !== undefined) return readTexts(record, labels, 'labels', wrong);
  if (typeof choices !== 'string' || !choices.endsWith('.text')) return undefined;
  const beside = choices.slice(0, -'.text'.length);
  const found = valueAt(record, `${beside}.label`) ?? valueAt(record, `${beside}.labels`);
  return Array.isArray(found) && found.every(isText) ? found.map(String) : undefined;
}

/**
 * The letter of the option that a reference names by its label, such as 2 for B; the reference
 * itself where it is no label.
 */
function withLetter(
  reference: string | readonly string[],
  labels: readonly string[] | undefined,
): string | readonly string[] {
  const toLetter = (text: string): string => {
    const index = labels?.indexOf(text.trim()) ?? -1;
    return index < 0 ? text : getLetter(index);
  };
  return typeof reference === 'string' ? toLetter(reference) : reference.map(toLetter);
}

/** A row with recorded outcomes needs no reference unless its field is named. */
function readReference(
  record: TableRecord,
  { fields, recorded }: RowOptions,
  wrong: Wrong,
): string | readonly string[] {
  const field = fields.reference ?? 'reference';
  const value = getField(record, field);
  const isRecorded = Object.keys(recorded).length > 0;
  if (value === undefined && isRecorded && fields.reference === undefined) return [];
  return Array.isArray(value)
    ? readTexts(record, field, 'references', wrong)
    : readText(record, field, 'reference', wrong);
}

/** Whether a record passes `where`; numbers and booleans are compared as text. */
export function passes(record: TableRecord, where: RowOptions['where']): boolean {
  return Object.entries(where).every(([path, wanted]) =>
    (Array.isArray(wanted) ? wanted : [wanted]).some(
      (value) => String(valueAt(record, path)) === String(value),
    ),
  );
}

/**
 * The row of a record.
 * @throws HarnessError RXB3002 with file and line if a field is missing.
 */
export function parseRow(
  { record, line }: NumberedRecord,
  file: string,
  numbered: string,
  options: RowOptions,
): DatasetRow {
  const wrong: Wrong = (problem) => new HarnessError('invalidRow', { file, line, problem });
  const { fields } = options;
  const isRecorded = Object.keys(options.recorded).length > 0;
  const group = optional(record, fields.group);
  const cluster = optional(record, fields.cluster);
  const choices =
    fields.choices === undefined ? undefined : readTexts(record, fields.choices, 'choices', wrong);
  const labels = choices === undefined ? undefined : readLabels(record, fields, wrong);
  if (labels !== undefined && labels.length !== choices?.length)
    throw wrong(`has ${labels.length} labels for ${choices?.length ?? 0} choices`);
  return {
    id: fields.id === undefined ? numbered : readText(record, fields.id, 'id', wrong),
    prompt: readText(record, fields.prompt, 'prompt', wrong),
    reference: withLetter(readReference(record, options, wrong), labels),
    domain: optional(record, fields.domain) ?? options.domain,
    ...(group === undefined ? {} : { group }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(choices === undefined ? {} : { choices }),
    ...(isRecorded ? { recorded: readRecorded(record, options, wrong) } : {}),
  };
}

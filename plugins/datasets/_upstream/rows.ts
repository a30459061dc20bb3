/** Lines of the original's files → rows. */
import { HarnessError, type DatasetRow, type Files } from '../../../core/index.js';
import type { TableRecord } from '../_table/field.js';
import { jsonlRecords } from '../_table/records.js';
import { upstreamFile, type UpstreamPath } from './files.js';

const SUBJECT = /^The following is a multiple choice question about (.+?)\. /;

/**
 * The options of a question whose text ends in a list of lettered lines.
 * @internal Exported for its tests.
 */
export function choicesIn(prompt: string): readonly string[] | undefined {
  const list = /\nOptions:\n([\s\S]*?)\n\nPlease choose /.exec(prompt)?.[1];
  if (list === undefined) return undefined;
  const choices: string[] = [];
  for (const line of list.split('\n')) {
    const letter = String.fromCharCode('A'.charCodeAt(0) + choices.length);
    if (line.startsWith(`${letter}. `)) choices.push(line.slice(3));
    else if (choices.length > 0) choices[choices.length - 1] += `\n${line}`;
  }
  return choices.length < 2 ? undefined : choices;
}

const kebab = (words: string): string =>
  words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/**
 * Domain of a row: its own field (the last step of a path such as `Mathematics -> Algebra`), its
 * subject, else that of the dataset.
 */
function getDomain({ domain, metadata }: TableRecord, prompt: string, otherwise: string): string {
  const first: unknown = Array.isArray(domain) ? domain[0] : domain;
  if (typeof first === 'string' && first !== '') return kebab(first.split(' -> ')[1] ?? first);
  const type =
    typeof metadata === 'object' && metadata !== null
      ? (metadata as TableRecord)['type']
      : undefined;
  return typeof type === 'string' ? kebab(type) : kebab(SUBJECT.exec(prompt)?.[1] ?? otherwise);
}

/**
 * The row of a line.
 * @internal Exported for its tests.
 */
export function upstreamRow(
  record: TableRecord,
  id: string,
  location: { readonly file: string; readonly line: number },
  domain: string,
): DatasetRow {
  const { instruction, response } = record;
  if (typeof instruction !== 'string' || instruction.trim() === '')
    throw new HarnessError('invalidRow', { ...location, problem: 'has no instruction' });
  if (typeof response !== 'string' || response.trim() === '')
    throw new HarnessError('invalidRow', { ...location, problem: 'has no response' });
  const choices = choicesIn(instruction);
  return {
    id,
    prompt: instruction,
    reference: response,
    domain: getDomain(record, instruction, domain),
    ...(choices === undefined ? {} : { choices }),
  };
}

/** The rows of one of the files; ids consist of the dataset, the split and the row number. */
export async function* upstreamRows(
  files: Files,
  path: UpstreamPath,
  name: string,
  domain: string,
): AsyncGenerator<DatasetRow> {
  const file = await files.fetch(upstreamFile(path));
  let number = 0;
  for await (const { record, line } of jsonlRecords(files, file))
    yield upstreamRow(record, `${name}-${++number}`, { file, line }, domain);
}

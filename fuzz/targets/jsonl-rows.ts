import { isUtf8 } from 'node:buffer';
import type { DatasetRow } from '../../core/index.js';
import { Jsonl } from '../../plugins/datasets/jsonl.js';
import { mutateLines } from '../mutate.js';
import { readSplit, tableRow } from '../table-rows.js';
import { WrongValue, type FuzzTarget } from '../target.js';

const OPTIONS = {
  file: 'rows.jsonl',
  licence: 'CC0',
  fields: {
    id: 'id',
    prompt: 'prompt',
    reference: 'reference',
    domain: 'meta.topic',
    choices: 'choices',
  },
};
const RECORDED = {
  scorer: 'recorded',
  recorded: { w: { grade: 'w' }, s: { grade: 's', text: 'said' } },
};

/** The objects of the lines; undefined where a line is none, which must be refused. */
function parseLines(bytes: Buffer): readonly Record<string, unknown>[] | undefined {
  if (!isUtf8(bytes)) return undefined;
  try {
    return bytes
      .toString('utf8')
      .replace(/^\ufeff/, '')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  } catch {
    return undefined;
  }
}

function compare(rows: readonly DatasetRow[], bytes: Buffer): void {
  const lines = parseLines(bytes);
  if (lines === undefined) throw new WrongValue('a file that is not lines of JSON was accepted');
  if (lines.length !== rows.length)
    throw new WrongValue(`${rows.length} rows of ${lines.length} lines`);
  for (const [i, { id, prompt, reference }] of rows.entries()) {
    const line = lines[i] ?? {};
    if (String(line['id']) !== id) throw new WrongValue('a row has another id than its line');
    if (String(line['prompt']) !== prompt) throw new WrongValue('a row has another prompt');
    if (String(line['reference']) !== String(reference))
      throw new WrongValue('a row has another reference');
  }
}

export const target: FuzzTarget = {
  summary: 'rows of JSON lines, read by the dataset "jsonl"',
  open: async (folder) => ({
    next: (random) => {
      const rows = Array.from({ length: random.int(1, 12) }, (_, i) => tableRow(i, random));
      const bytes = mutateLines(rows, random);
      const options = random.float() < 0.5 ? OPTIONS : { ...OPTIONS, ...RECORDED };
      return {
        files: { 'rows.jsonl': bytes },
        run: async () => compare(await readSplit(Jsonl, options, folder), bytes),
      };
    },
  }),
};

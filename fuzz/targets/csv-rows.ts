import type { Random } from '../../core/index.js';
import { Csv } from '../../plugins/datasets/csv.js';
import { mutateBytes } from '../mutate.js';
import { readSplit } from '../table-rows.js';
import { WrongValue, type FuzzTarget } from '../target.js';

const OPTIONS = {
  file: 'rows.csv',
  licence: 'CC0',
  fields: { id: 'id', prompt: 'prompt', reference: 'reference', domain: 'topic' },
};
const PROMPTS = ['What is 1?', 'a "quoted",\nline', ' spaces ', 'one;two', 'é\u2028ü', '""', ',,'];

const quoted = (value: string, always: boolean): string =>
  always || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;

/** A table in one of the forms that RFC 4180 and spreadsheets allow. */
function makeTable(random: Random): {
  readonly bytes: Buffer;
  readonly prompts: readonly string[];
} {
  const prompts = Array.from({ length: random.int(1, 12) }, () => random.pick(PROMPTS));
  const always = random.float() < 0.3;
  const rows = prompts.map((prompt, i) => [`r${i}`, prompt, String(i), 'sum']);
  const end = random.pick(['\n', '\r\n']);
  const lines = [['id', 'prompt', 'reference', 'topic'], ...rows].map((row) =>
    row.map((value) => quoted(value, always)).join(','),
  );
  const text = lines.join(end) + random.pick(['', end]);
  return { bytes: Buffer.from(random.pick(['', '\ufeff']) + text), prompts };
}

export const target: FuzzTarget = {
  summary: 'rows of CSV files, read by the dataset "csv"',
  open: async (folder) => ({
    next: (random) => {
      const { bytes, prompts } = makeTable(random);
      const whole = random.float() < 0.25;
      return {
        files: { 'rows.csv': whole ? bytes : mutateBytes(bytes, random) },
        run: async () => {
          const rows = await readSplit(Csv, OPTIONS, folder);
          if (whole && rows.map(({ prompt }) => prompt).join('|') !== prompts.join('|'))
            throw new WrongValue('a well-formed file came out changed');
        },
      };
    },
  }),
};

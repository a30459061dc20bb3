import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Random } from '../../core/index.js';
import { Parquet } from '../../plugins/datasets/parquet.js';
import { mutateBytes } from '../mutate.js';
import { readSplit } from '../table-rows.js';
import { WrongValue, type FuzzTarget } from '../target.js';

const OPTIONS = {
  file: 'rows.parquet',
  licence: 'CC0',
  fields: {
    id: 'id',
    prompt: 'prompt',
    reference: 'reference',
    domain: 'meta.topic',
    choices: 'choices',
  },
};

/** Files with page checksums, as pyarrow writes them. */
const FILES = ['checksums', 'checksums-v2'].map((name) =>
  readFileSync(
    fileURLToPath(new URL(`../../../test/fixtures/parquet/${name}.parquet`, import.meta.url)),
  ),
);

/** Bits of pages, which checksums cover; the footer stays. */
function flipBits(whole: Buffer, random: Random): Buffer {
  const changed = Buffer.from(whole);
  const end = whole.length - 8 - whole.readUInt32LE(whole.length - 8);
  for (let left = random.int(1, 3); left > 0; left--) {
    const at = random.int(4, end - 1);
    changed[at] = (changed[at] as number) ^ (1 << random.int(0, 7));
  }
  return changed;
}

async function readRows(folder: string): Promise<string> {
  const rows = await readSplit(Parquet, OPTIONS, folder);
  return JSON.stringify(rows.map(({ id, prompt, reference }) => [id, prompt, reference]));
}

const EXPECTED = JSON.stringify(
  Array.from({ length: 12 }, (_, i) => [`r${i}`, `What is ${i}?`, String(2 * i)]),
);

export const target: FuzzTarget = {
  summary: 'Parquet files, read by the dataset "parquet"',
  open: async (folder) => ({
    next: (random) => {
      const whole = random.pick(FILES);
      const isPage = random.float() < 0.5;
      return {
        files: {
          'rows.parquet': isPage ? flipBits(whole, random) : mutateBytes(whole, random),
        },
        run: async () => {
          const rows = await readRows(folder);
          // nothing in the format covers its footer, such as names and types of columns
          if (isPage && rows !== EXPECTED) throw new WrongValue('a changed page was accepted');
        },
      };
    },
  }),
};

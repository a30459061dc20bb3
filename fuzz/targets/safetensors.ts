import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../../core/index.js';
import { SafetensorsFile, writeSafetensors } from '../../storage/safetensors.js';
import { mutateBytes, mutateJson } from '../mutate.js';
import { WrongValue, type FuzzTarget } from '../target.js';

const FILE = 'x.safetensors';
const ROWS = 4;
const WIDTH = 3;
const VALUES = Float32Array.from({ length: ROWS * WIDTH }, (_, i) => i);

/** The header changed as JSON, sometimes with a length that is not its own. */
function mutateHeader(bytes: Buffer, random: Random): Buffer {
  const length = Number(bytes.readBigUInt64LE());
  const header: unknown = JSON.parse(bytes.toString('utf8', 8, 8 + length));
  const json = Buffer.from(JSON.stringify(mutateJson(header, random)));
  const lead = Buffer.alloc(8);
  lead.writeBigUInt64LE(BigInt(random.float() < 0.1 ? random.int(0, 2 ** 40) : json.length));
  return Buffer.concat([lead, json, bytes.subarray(8 + length)]);
}

/** Reads every tensor: sizes are those of the shapes, and no more comes out than bytes go in. */
async function readAll(path: string, size: number): Promise<void> {
  const file = await SafetensorsFile.open(path);
  try {
    let numbers = 0;
    for (const name of file.names) {
      const wanted = file.shape(name).reduce((product, axis) => product * axis, 1);
      const values = await (name === 'present' ? file.bytes(name) : file.floats(name));
      if (values.length !== wanted) throw new WrongValue('a tensor has another size');
      numbers += values.length;
    }
    if (numbers > size) throw new WrongValue('more numbers came out than the file has bytes');
    const [rows = 0] = file.shape('values');
    if (rows > 1) {
      await file.rows('values', 1, rows - 1);
      file.rowSync('values', rows - 1, (count) => new Float32Array(count));
    }
    for (const value of Object.values(file.metadata))
      if (typeof value !== 'string') throw new WrongValue('metadata that are no text');
  } finally {
    await file.close();
  }
}

export const target: FuzzTarget = {
  summary: 'files of tensors: artifacts, weights, hidden states of a server',
  open: async (folder) => {
    const path = join(folder, FILE);
    await writeSafetensors(
      path,
      {
        values: { shape: [ROWS, WIDTH], data: VALUES },
        present: { shape: [ROWS], data: Uint8Array.of(1, 1, 0, 1) },
      },
      { meta: '{"a":1}', hash: 'h' },
    );
    const whole = await readFile(path);
    return {
      next: (random) => {
        const bytes =
          random.float() < 0.5 ? mutateHeader(whole, random) : mutateBytes(whole, random);
        return { files: { [FILE]: bytes }, run: () => readAll(path, bytes.length) };
      },
    };
  },
};

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Random } from '../../core/index.js';
import { SafetensorsFile, writeSafetensors } from '../../storage/safetensors.js';
import { mutateBytes, mutateDocument } from '../mutate.js';
import { WrongValue, type FuzzTarget } from '../target.js';

const TENSORS = {
  values: { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
  present: { shape: [3], data: Uint8Array.of(1, 0, 1) },
};
const METADATA = { meta: '{"a":1}' };

const numbersIn = async (file: string): Promise<string> => {
  const opened = await SafetensorsFile.open(file);
  try {
    const floats: number[] = [];
    for (const name of opened.names)
      floats.push(...(name === 'present' ? await opened.bytes(name) : await opened.floats(name)));
    return JSON.stringify([[...opened.names].sort(), opened.metadata['meta'], floats]);
  } finally {
    await opened.close();
  }
};

/** The file of another program: the same tensors, without checksums, and a changed header. */
function foreignFile(header: object, data: Uint8Array, random: Random): Buffer {
  const json = mutateDocument(header, random);
  const lead = Buffer.alloc(8);
  lead.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([lead, json, data]);
}

async function writeWhole(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'rxb-fuzz-'));
  try {
    const file = join(folder, 'a.safetensors');
    await writeSafetensors(file, TENSORS, METADATA);
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

export const target: FuzzTarget = {
  summary: 'safetensors files, with checksums and without',
  open: async (folder) => {
    const whole = await writeWhole();
    const data = whole.subarray(8 + Number(whole.readBigUInt64LE()));
    const header = {
      __metadata__: METADATA,
      values: { dtype: 'F32', shape: [3, 2], data_offsets: [0, 24] },
      present: { dtype: 'U8', shape: [3], data_offsets: [24, 27] },
    };
    const expected = JSON.stringify([
      ['present', 'values'],
      '{"a":1}',
      [1, 2, 3, 4, 5, 6, 1, 0, 1],
    ]);
    return {
      next: (random) => {
        const isOwn = random.float() < 0.5;
        const bytes = isOwn ? mutateBytes(whole, random) : foreignFile(header, data, random);
        return {
          files: { 'a.safetensors': bytes },
          run: async () => {
            const numbers = await numbersIn(join(folder, 'a.safetensors'));
            if (isOwn && numbers !== expected) throw new WrongValue('a changed file was accepted');
          },
        };
      },
    };
  },
};

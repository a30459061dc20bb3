import { expect } from 'chai';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SafetensorsFile, writeSafetensors } from '../../../storage/safetensors.js';
import { inTemporaryFolder, rejection } from '../../support/temporary.js';

describe('safetensors', () => {
  it('returns what was written, rows in place', async () => {
    await inTemporaryFolder(async (folder) => {
      const file = join(folder, 'a.safetensors');
      await writeSafetensors(
        file,
        {
          flags: { shape: [3], data: Uint8Array.of(1, 0, 1) },
          values: { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
        },
        { meta: '{"ü":1}' },
      );
      const opened = await SafetensorsFile.open(file);
      expect([...(await opened.rows('values', 1, 2))]).to.deep.equal([3, 4, 5, 6]);
      expect([
        ...opened.rowSync('values', 2, (count) => new Float32Array(count + 1).subarray(1)),
      ]).to.deep.equal([5, 6]);
      expect(() => opened.rowSync('flags', 0, (count) => new Float32Array(count))).to.throw(
        'not a floating-point type',
      );
      expect([...(await opened.bytes('flags'))]).to.deep.equal([1, 0, 1]);
      expect([...(await opened.floats('values'))]).to.deep.equal([1, 2, 3, 4, 5, 6]);
      expect(opened.metadata['meta']).to.equal('{"ü":1}');
      expect([...opened.names].sort()).to.deep.equal(['flags', 'values']);
      expect((await rejection(opened.floats('none'))).code).to.equal('RXB5001');
      expect((await rejection(opened.floats('flags'))).code).to.equal('RXB5001');
      await opened.close();
    });
  });

  it('writes the header in the format’s layout, with data at multiples of eight', async () => {
    await inTemporaryFolder(async (folder) => {
      const file = join(folder, 'a.safetensors');
      await writeSafetensors(file, { x: { shape: [1], data: Float32Array.of(1.5) } });
      const bytes = await readFile(file);
      const length = Number(bytes.readBigUInt64LE(0));
      expect((8 + length) % 8).to.equal(0);
      const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as {
        readonly __metadata__: { readonly crc32: string };
      };
      expect(header.__metadata__.crc32).to.match(/^[0-9a-f]{8}$/);
      expect(header).to.deep.equal({
        __metadata__: { crc32: header.__metadata__.crc32, 'crc32:x': '5cd8256f' },
        x: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
      });
      expect(bytes.readFloatLE(8 + length)).to.equal(1.5);
    });
  });

  it('reports every truncated file as damaged, by its name', async () => {
    await inTemporaryFolder(async (folder) => {
      const file = join(folder, 'a.safetensors');
      await writeSafetensors(file, { x: { shape: [4], data: new Float32Array(4) } });
      const whole = await readFile(file);
      for (const size of [0, 4, 8, 20, whole.length - 5, whole.length - 1]) {
        await writeFile(file, whole);
        await truncate(file, size);
        const error = await rejection(SafetensorsFile.open(file));
        expect(error.code, `cut at ${size}`).to.equal('RXB5001');
        expect(error.message).to.contain(file);
      }
    });
  });

  it('rejects a header that is not of the format, whatever is wrong with it', async () => {
    const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
    const wrong: readonly (readonly [string, unknown])[] = [
      ['no object', [entry]],
      ['no offsets', { x: { dtype: 'F32', shape: [2] } }],
      ['an unknown type', { x: { ...entry, dtype: 'F31' } }],
      ['a shape that is no list', { x: { ...entry, shape: 2 } }],
      ['a fraction in the shape', { x: { ...entry, shape: [0.5, 4] } }],
      ['a negative extent', { x: { ...entry, shape: [-2, -1] } }],
      ['a huge shape', { x: { ...entry, shape: [2 ** 52, 2 ** 52] } }],
      ['another size', { x: { ...entry, shape: [3] } }],
      ['a fraction in the offsets', { x: { ...entry, data_offsets: [0.5, 8.5] } }],
      ['offsets in reverse', { x: { ...entry, data_offsets: [8, 0] } }],
      ['three offsets', { x: { ...entry, data_offsets: [0, 8, 8] } }],
      ['an unknown member', { x: { ...entry, more: 1 } }],
      ['a gap', { x: { ...entry, shape: [1], data_offsets: [4, 8] } }],
      ['shared bytes', { x: entry, y: { ...entry, shape: [1], data_offsets: [4, 8] } }],
      ['metadata that are no texts', { __metadata__: { a: 1 }, x: entry }],
      ['metadata that are a list', { __metadata__: ['a'], x: entry }],
      ['less than the data', { x: { ...entry, shape: [1], data_offsets: [0, 4] } }],
    ];
    await inTemporaryFolder(async (folder) => {
      const file = join(folder, 'a.safetensors');
      const write = async (header: unknown): Promise<void> => {
        const json = Buffer.from(JSON.stringify(header));
        const lead = Buffer.alloc(8);
        lead.writeBigUInt64LE(BigInt(json.length));
        await writeFile(file, Buffer.concat([lead, json, Buffer.alloc(8)]));
      };
      await write({ x: entry });
      await (await SafetensorsFile.open(file)).close();
      for (const [what, header] of wrong) {
        await write(header);
        const error = await rejection(SafetensorsFile.open(file));
        expect(error.code, what).to.equal('RXB5001');
        expect(error.message, what).to.contain(file);
      }
    });
  });

  it('notices each flipped bit, in the header, in the checksums and in the numbers', async () => {
    const readAll = async (file: string): Promise<void> => {
      const opened = await SafetensorsFile.open(file);
      try {
        for (const name of ['values', 'many'])
          if (opened.names.includes(name)) await opened.floats(name);
        opened.rowSync('values', 0, (count) => new Float32Array(count));
        opened.rowSync('values', 1, (count) => new Float32Array(count));
        await opened.rows('many', 1, 1);
        await opened.bytes('flags');
      } finally {
        await opened.close();
      }
    };
    await inTemporaryFolder(async (folder) => {
      const file = join(folder, 'a.safetensors');
      await writeSafetensors(
        file,
        {
          flags: { shape: [2], data: Uint8Array.of(1, 0) },
          values: { shape: [2, 1], data: Float32Array.of(1, 2) },
          many: { shape: [2000], data: new Float32Array(2000) },
        },
        { meta: '{}' },
      );
      await readAll(file);
      const whole = await readFile(file);
      const dense = whole.length - 8000;
      for (let byte = 0; byte < whole.length; byte += byte < dense - 8 ? 3 : 1601)
        for (let bit = 0; bit < 8; bit += 3) {
          const changed = Buffer.from(whole);
          changed[byte] = (changed[byte] as number) ^ (1 << bit);
          await writeFile(file, changed);
          const error = await rejection(readAll(file));
          expect(error.code, `bit ${bit} of byte ${byte}`).to.equal('RXB5001');
        }
    });
  });

  it('refuses rows beyond those of a tensor, and types that are not read as floats', async () => {
    await inTemporaryFolder(async (folder) => {
      const file = join(folder, 'a.safetensors');
      await writeSafetensors(file, {
        a: { shape: [2, 2], data: new Float32Array(4) },
        b: { shape: [2], data: Float32Array.of(7, 8) },
      });
      const opened = await SafetensorsFile.open(file);
      expect(await rejection(opened.rows('a', 2, 1))).to.have.property('code', 'RXB5001');
      expect(() => opened.rowSync('a', 2, (count) => new Float32Array(count))).to.throw('RXB5001');
      expect(await rejection(opened.bytes('a'))).to.have.property('code', 'RXB5001');
      await opened.close();
    });
  });
});

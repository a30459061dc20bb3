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
      expect(JSON.parse(bytes.subarray(8, 8 + length).toString())).to.deep.equal({
        __metadata__: {},
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

  it('reports every header that is not of the format as damaged', async () => {
    await inTemporaryFolder(async (folder) => {
      const file = join(folder, 'a.safetensors');
      const x = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
      const write = async (header: unknown, bytes = 8): Promise<void> => {
        const json = Buffer.from(JSON.stringify(header));
        const lead = Buffer.alloc(8);
        lead.writeBigUInt64LE(BigInt(json.length));
        await writeFile(file, Buffer.concat([lead, json, Buffer.alloc(bytes)]));
      };
      await write({ x, __metadata__: { a: 'b' } });
      await (await SafetensorsFile.open(file)).close();
      for (const header of [
        null,
        [x],
        { x: null },
        { x: { dtype: 'F32', shape: [2] } },
        { x: { ...x, shape: 'abc' } },
        { x: { ...x, shape: [2.5] } },
        { x: { ...x, shape: [-2, -1] } },
        { x: { ...x, shape: [3] } },
        { x: { ...x, shape: [1e12] } },
        { x: { ...x, dtype: 5 } },
        { x: { ...x, data_offsets: [0, 4] } },
        { x: { ...x, data_offsets: [-8, 0] } },
        { x: { ...x, data_offsets: [0, '8'] } },
        { x, y: x },
        { x, __metadata__: { a: 1 } },
        { x, __metadata__: [] },
      ]) {
        await write(header);
        const error = await rejection(SafetensorsFile.open(file));
        expect(error.code, JSON.stringify(header)).to.equal('RXB5001');
      }
      await write({ x }, 12);
      expect(await rejection(SafetensorsFile.open(file))).to.have.property('code', 'RXB5001');
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

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
});

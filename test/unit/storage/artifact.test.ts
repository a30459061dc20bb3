import { expect } from 'chai';
import { appendFile, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Artifact, SHARD_ROWS } from '../../../storage/artifact.js';
import { writeAtomic } from '../../../storage/atomic.js';
import { inTemporaryFolder, rejection } from '../../support/temporary.js';

const rows = (from: number, count: number): { readonly id: string }[] =>
  Array.from({ length: count }, (_, i) => ({ id: `q${from + i}` }));

describe('artifact', () => {
  it('reports which shards are missing', async () => {
    await inTemporaryFolder(async (folder) => {
      const artifact = new Artifact(
        folder,
        'answers',
        { model: 'm' },
        { harness: 'h' },
        2 * SHARD_ROWS + 3,
        'jsonl',
      );
      expect(await artifact.missing()).to.deep.equal([0, 1, 2]);
      expect(artifact.rowsIn(2)).to.equal(3);
      await artifact.writeRows(1, rows(SHARD_ROWS, SHARD_ROWS));
      expect(await artifact.missing()).to.deep.equal([0, 2]);
      expect(await artifact.readRows(1)).to.deep.equal(rows(SHARD_ROWS, SHARD_ROWS));
    });
  });

  it('has the same folder for the same key, whatever the order of its members, and another for any other key', () => {
    const at = (key: Record<string, string | number>): string =>
      new Artifact('r', 'k', key, { harness: 'h' }, 1, 'jsonl').folder;
    expect(at({ a: 1, b: 2 })).to.equal(at({ b: 2, a: 1 }));
    expect(at({ a: 1, b: 2 })).not.to.equal(at({ a: 1, b: 3 }));
  });

  it('reports a shard as damaged if it is truncated, too long or not JSON, and as missing if it does not exist', async () => {
    await inTemporaryFolder(async (folder) => {
      const artifact = new Artifact(folder, 'grades', {}, { harness: 'h' }, 3, 'jsonl');
      expect((await rejection(artifact.readRows(0))).code).to.equal('RXB5003');
      await artifact.writeRows(0, rows(0, 3));
      await truncate(artifact.file(0), 20);
      expect((await rejection(artifact.readRows(0))).code).to.equal('RXB5001');
      await artifact.writeRows(0, rows(0, 3));
      await appendFile(artifact.file(0), '{"id":"q3"}\n');
      expect((await rejection(artifact.readRows(0))).code).to.equal('RXB5001');
      await writeFile(artifact.file(0), '{"id":"q0"}\n{"id":\n{"id":"q2"}\n');
      expect((await rejection(artifact.readRows(0))).message).to.contain('checksum');
    });
  });

  it('stores tensor rows and marks null rows', async () => {
    await inTemporaryFolder(async (folder) => {
      const artifact = new Artifact(folder, 'logits', {}, { harness: 'h' }, 3, 'safetensors');
      await artifact.writeTensorRows(0, [Float32Array.of(1, 2), null, Float32Array.of(3, 4)], [2]);
      const opened = await artifact.openTensors(0);
      expect([...(await opened.bytes('present'))]).to.deep.equal([1, 0, 1]);
      expect([...(await opened.rows('values', 2, 1))]).to.deep.equal([3, 4]);
      await opened.close();
      const longer = new Artifact(folder, 'logits', {}, { harness: 'h' }, 4, 'safetensors');
      expect((await rejection(longer.openTensors(0))).code).to.equal('RXB5001');
    });
  });

  it('notices each byte that was changed, whether rows or tensors', async () => {
    await inTemporaryFolder(async (folder) => {
      const texts = new Artifact(folder, 'answers', {}, { harness: 'h' }, 2, 'jsonl');
      const tensors = new Artifact(folder, 'logits', {}, { harness: 'h' }, 2, 'safetensors');
      await texts.writeRows(0, rows(0, 2));
      await tensors.writeTensorRows(
        0,
        [Float32Array.of(1, 2), null],
        [2],
        [{ row: 1, code: 'RXB4008', message: 'too long' }],
      );
      const readTensors = async (): Promise<void> => {
        const opened = await tensors.openTensors(0);
        await opened.floats('values').finally(() => opened.close());
        await tensors.readFailures(0);
      };
      const cases = [
        [texts.file(0), async () => void (await texts.readRows(0))],
        [tensors.file(0), readTensors],
      ] as const;
      for (const [file, read] of cases) {
        await read();
        const whole = await readFile(file);
        for (let i = 0; i < whole.length; i++) {
          const changed = Buffer.from(whole);
          changed[i] = (changed[i] as number) ^ (1 << (i % 8));
          await writeFile(file, changed);
          const error = await rejection(read());
          expect(error.code, `byte ${i} of ${file}`).to.equal('RXB5001');
          expect(error.message).to.contain(file);
        }
      }
    });
  });

  it('keeps why rows have no value', async () => {
    await inTemporaryFolder(async (folder) => {
      const artifact = new Artifact(folder, 'logits', {}, { harness: 'h' }, 2, 'safetensors');
      const failure = { row: 0, code: 'RXB4008', message: 'too long' };
      await artifact.writeTensorRows(0, [null, null], [2], [failure]);
      expect(await artifact.readFailures(0)).to.deep.equal([
        failure,
        { row: 1, code: 'unknown', message: 'no reason was stored' },
      ]);
    });
  });

  it('leaves the old file intact if writing fails', async () => {
    await inTemporaryFolder(async (folder) => {
      const file = join(folder, 'a', 'b.txt');
      await writeAtomic(file, 'old');
      await rm(join(folder, 'a', 'b.txt'));
      await writeFile(join(folder, 'c'), 'a file where a folder should be');
      expect((await rejection(writeAtomic(join(folder, 'c', 'd.txt'), 'new'))).code).to.equal(
        'RXB5002',
      );
      expect(await readdir(folder)).to.deep.equal(['a', 'c']);
    });
  });
});

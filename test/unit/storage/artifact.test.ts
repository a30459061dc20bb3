import { expect } from 'chai';
import { appendFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
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
      expect((await rejection(artifact.readRows(0))).message).to.contain('line 2');
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

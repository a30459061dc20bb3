import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { takeLock, type LockHolder } from '../../../storage/lock.js';
import { inTemporaryFolder, rejection } from '../../support/temporary.js';

const { signal } = new AbortController();
const held = (pid: number): string =>
  JSON.stringify({ pid, host: hostname(), since: '2026-11-30T00:00:00Z' });

describe('a lock between processes', () => {
  it('is a file while it is held, by one process as often as it likes', async () => {
    await inTemporaryFolder(async (folder) => {
      const file = join(folder, 'deep', 'a.lock');
      const first = await takeLock(file, signal, () => undefined);
      const second = await takeLock(file, signal, () => undefined);
      expect([first.waited, second.waited]).to.deep.equal([false, false]);
      await first.release();
      expect(existsSync(file)).to.equal(true);
      await second.release();
      expect(existsSync(file)).to.equal(false);
    });
  });

  it('waits for a living process, says once for whom, and goes on when that ends', async () => {
    await inTemporaryFolder(async (folder) => {
      const file = join(folder, 'a.lock');
      const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 30000)']);
      await writeFile(file, held(other.pid as number));
      const told: LockHolder[] = [];
      const lock = await takeLock(file, signal, (holder) => {
        told.push(holder);
        setTimeout(() => other.kill(), 400);
      });
      expect(told.map(({ pid }) => pid)).to.deep.equal([other.pid]);
      expect(lock.waited).to.equal(true);
      await lock.release();
    });
  });

  it('is free where its process is gone', async () => {
    await inTemporaryFolder(async (folder) => {
      const file = join(folder, 'a.lock');
      const other = spawn(process.execPath, ['-e', '']);
      await once(other, 'exit');
      await writeFile(file, held(other.pid as number));
      const lock = await takeLock(file, signal, () => expect.fail('nobody holds it'));
      expect(lock.waited).to.equal(false);
      await lock.release();
    });
  });

  it('stops waiting at a signal', async () => {
    await inTemporaryFolder(async (folder) => {
      const file = join(folder, 'a.lock');
      await writeFile(file, held(process.ppid));
      const stop = new AbortController();
      const waiting = takeLock(file, stop.signal, () => stop.abort(new Error('stopped')));
      expect((await rejection(waiting)).message).to.equal('stopped');
    });
  });
});

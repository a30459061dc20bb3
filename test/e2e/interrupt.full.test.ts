import { expect } from 'chai';
import { execa } from 'execa';
import { setTimeout as wait } from 'node:timers/promises';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '../../core/index.js';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';
import { filesUnder, mayDiffer, RXB, rxb, SMALL_CONFIG, stopRun } from '../support/rxb.js';

describe('Ctrl-C', () => {
  it('stops with exit code 130 at any point of the run, and the same command continues to the same bytes', async function () {
    this.timeout(120_000);
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'harness.config.mjs': SMALL_CONFIG.replace('limit: 300', 'limit: 150'),
      });
      const artifacts = join(folder, 'results', 'artifacts');
      const random = seededRandom('interrupt');
      for (let stop = 0; stop < 3; stop++) {
        const before = existsSync(artifacts)
          ? (await readdir(artifacts, { recursive: true })).length
          : 0;
        const stopped = await stopRun(folder, 'SIGINT', async () => {
          // a new artifact shows that work has begun; a clock alone would mislead on a busy machine
          if (
            !existsSync(artifacts) ||
            (await readdir(artifacts, { recursive: true })).length === before
          )
            return false;
          // inside a forward pass, between two, while threads start
          await wait(random.float() * 300);
          return true;
        });
        expect(stopped.exitCode, `${String(stopped.signal)} ${stopped.stderr}`).to.equal(130);
        expect(stopped.stderr).to.contain('the same command again');
      }
      const finished = await rxb(folder, ['run']);
      expect(finished.exitCode, finished.stderr).to.equal(0);
      const resumed = await filesUnder(join(folder, 'results'), mayDiffer);
      await rm(join(folder, 'results'), { recursive: true });
      expect((await rxb(folder, ['run'])).exitCode).to.equal(0);
      expect(await filesUnder(join(folder, 'results'), mayDiffer)).to.deep.equal(resumed);
    });
  });

  it('a second one ends the process at once, by the signal, as shells expect', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'harness.config.mjs': SMALL_CONFIG.replace('limit: 300', 'limit: 40'),
      });
      const child = execa(process.execPath, [RXB, 'run'], { cwd: folder, reject: false });
      while (child.exitCode === null && !existsSync(join(folder, 'results', 'artifacts')))
        await wait(20);
      child.stderr.on(
        'data',
        (text: Buffer) => void (text.includes('again to stop at once') && child.kill('SIGINT')),
      );
      child.kill('SIGINT');
      const { signal, exitCode } = await child;
      expect([signal, exitCode]).to.satisfy(
        ([by, code]: [string | undefined, number | undefined]) => by === 'SIGINT' || code === 130,
      );
      expect((await rxb(folder, ['run'])).exitCode).to.equal(0);
    });
  });
});

import { expect } from 'chai';
import { execa } from 'execa';
import { setTimeout as wait } from 'node:timers/promises';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '../../core/index.js';
import { TEMPORARY } from '../../core/store/atomic.js';
import { inTemporaryFolder, writeFiles } from '../core/temporary.js';
import { filesUnder, RXB, rxb, SMALL_CONFIG } from './rxb.js';

const KILLS = 20;

/** Everything but the record of the run and files that a killed process left under a temporary name. */
const compared = (path: string): boolean => path.endsWith('run.json') || path.endsWith(TEMPORARY);

describe('SIGKILL', () => {
  it(`at ${KILLS} seeded moments across all stages loses nothing: the same command ends with the same bytes`, async function () {
    this.timeout(240_000);
    await inTemporaryFolder(async (folder) => {
      const config = SMALL_CONFIG.replace('epochs: 3', 'epochs: 12, batchSize: 16').replace('limit: 300', 'limit: 270'); // two shards of each split
      await writeFiles(folder, { 'harness.config.mjs': config });
      const results = join(folder, 'results');
      const started = performance.now();
      expect((await rxb(folder, ['run'])).exitCode).to.equal(0);
      const whole = performance.now() - started;
      const before = await filesUnder(results, compared);
      await rm(results, { recursive: true });

      const random = seededRandom('kill');
      let killed = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        // Each try goes on from the last; when a try would be done before its moment, everything starts anew.
        const child = execa(process.execPath, [RXB, 'run', '--quiet'], { cwd: folder, reject: false });
        const moment = 100 + random.float() * whole * 0.6;
        const ended = await Promise.race([child.then(() => true), wait(moment).then(() => false)]);
        if (ended) await rm(results, { recursive: true });
        else {
          child.kill('SIGKILL');
          await child;
          killed++;
        }
      }
      expect(killed).to.be.greaterThan(KILLS / 2);
      const last = await rxb(folder, ['run']);
      expect(last.exitCode, last.stderr).to.equal(0);
      expect(await filesUnder(results, compared)).to.deep.equal(before);
    });
  });
});

describe('Ctrl-C', () => {
  it('stops with 130 wherever it finds the run, and the same command goes on to the same bytes', async function () {
    this.timeout(120_000);
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, { 'harness.config.mjs': SMALL_CONFIG.replace('limit: 300', 'limit: 150') });
      const artifacts = join(folder, 'results', 'artifacts');
      const random = seededRandom('interrupt');
      for (let stop = 0; stop < 3; stop++) {
        const before = existsSync(artifacts) ? (await readdir(artifacts, { recursive: true })).length : 0;
        const child = execa(process.execPath, [RXB, 'run'], { cwd: folder, reject: false });
        // work has begun when a new artifact lies there; a clock alone would tell a busy machine otherwise
        while (child.exitCode === null && (!existsSync(artifacts) || (await readdir(artifacts, { recursive: true })).length === before)) await wait(20);
        await wait(random.float() * 300); // inside a forward pass, between two, while threads start
        child.kill('SIGINT');
        const stopped = await child;
        expect(stopped.exitCode, `${String(stopped.signal)} ${stopped.stderr}`).to.equal(130);
        expect(stopped.stderr).to.contain('the same command goes on');
      }
      const finished = await rxb(folder, ['run']);
      expect(finished.exitCode, finished.stderr).to.equal(0);
      const resumed = await filesUnder(join(folder, 'results'), compared);
      await rm(join(folder, 'results'), { recursive: true });
      expect((await rxb(folder, ['run'])).exitCode).to.equal(0);
      expect(await filesUnder(join(folder, 'results'), compared)).to.deep.equal(resumed);
    });
  });

  it('a second one ends at once, by the signal, as shells expect', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, { 'harness.config.mjs': SMALL_CONFIG.replace('limit: 300', 'limit: 40') });
      const child = execa(process.execPath, [RXB, 'run'], { cwd: folder, reject: false });
      while (child.exitCode === null && !existsSync(join(folder, 'results', 'artifacts'))) await wait(20);
      child.stderr.on('data', (text: Buffer) => void (text.includes('once more to stop') && child.kill('SIGINT')));
      child.kill('SIGINT');
      const { signal, exitCode } = await child;
      expect([signal, exitCode]).to.satisfy(([by, code]: [string | undefined, number | undefined]) => by === 'SIGINT' || code === 130);
      expect((await rxb(folder, ['run'])).exitCode).to.equal(0);
    });
  });
});

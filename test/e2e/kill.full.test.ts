import { expect } from 'chai';
import { execa } from 'execa';
import { setTimeout as wait } from 'node:timers/promises';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '../../core/index.js';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';
import { filesUnder, mayDiffer, RXB, rxb, SMALL_CONFIG } from '../support/rxb.js';

/** SIGKILLs; the variable asks for more. */
const KILLS = Number(process.env['RXB_TEST_KILLS'] ?? 60);

describe('SIGKILL', () => {
  it(`at ${KILLS} seeded moments across all stages loses nothing: the same command ends with the same bytes`, async function () {
    this.timeout(KILLS * 20_000);
    await inTemporaryFolder(async (folder) => {
      const config = SMALL_CONFIG.replace(
        'epochs: 3',
        "epochs: 12, batchSize: 16, trainer: 'tensorflow'",
      ).replace('limit: 300', 'limit: 270'); // two shards per split
      await writeFiles(folder, { 'harness.config.mjs': config });
      const results = join(folder, 'results');
      const started = performance.now();
      expect((await rxb(folder, ['run'])).exitCode).to.equal(0);
      const whole = performance.now() - started;
      const before = await filesUnder(results, mayDiffer);
      await rm(results, { recursive: true });

      const random = seededRandom('kill');
      let killed = 0;
      let finished = 0;
      while (killed < KILLS) {
        // Each attempt continues from the last; if an attempt would finish before its kill time,
        // its bytes are compared and everything starts again.
        const child = execa(process.execPath, [RXB, 'run', '--quiet'], {
          cwd: folder,
          reject: false,
        });
        const moment = 100 + random.float() * whole * 0.45; // 60 take about two minutes
        const ended = await Promise.race([child.then(() => true), wait(moment).then(() => false)]);
        if (!ended && child.kill('SIGKILL') && (await child).signal === 'SIGKILL') killed++;
        else {
          const { exitCode, stderr } = await child;
          expect(exitCode, stderr).to.equal(0);
          expect(await filesUnder(results, mayDiffer)).to.deep.equal(before);
          await rm(results, { recursive: true });
          finished++;
        }
        expect(finished, `${killed} kills`).to.be.at.most(KILLS);
      }
      const last = await rxb(folder, ['run']);
      expect(last.exitCode, last.stderr).to.equal(0);
      expect(await filesUnder(results, mayDiffer)).to.deep.equal(before);
    });
  });
});

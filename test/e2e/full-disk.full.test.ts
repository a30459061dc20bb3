import { expect } from 'chai';
import { execa } from 'execa';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';
import { filesUnder, mayDiffer, RXB, rxb, SMALL_CONFIG } from '../support/rxb.js';

describe('a full disk', () => {
  it('is an error that names the file, leaves no incomplete file, and after freeing space the same command continues', async function () {
    await inTemporaryFolder(async (folder) => {
      const results = join(folder, 'results');
      await mkdir(results);
      await writeFiles(folder, { 'harness.config.mjs': SMALL_CONFIG });
      // A small file system in a separate mount namespace: nothing outside sees it. The second step
      // enlarges it.
      const script = `mount -t tmpfs -o size=400k tmpfs results && "$0" "$1" run --quiet; echo "exit $?"; find results -name '*.jsonl' | head -1 | grep -q jsonl && echo "kept"; mount -o remount,size=200m results && "$0" "$1" run --quiet; echo "exit $?"; cp -r results/. kept/`;
      await mkdir(join(folder, 'kept'));
      const { stdout, stderr } = await execa(
        'unshare',
        ['-rm', 'sh', '-c', script, process.execPath, RXB],
        { cwd: folder, reject: false },
      );
      expect(stderr)
        .to.contain('RXB5002')
        .and.to.match(/ENOSPC|no space/);
      expect(
        stdout.split('\n').filter((line) => /^(exit|kept)/.test(line)),
        stdout + stderr,
      ).to.deep.equal(['exit 3', 'kept', 'exit 0']);

      const kept = await filesUnder(join(folder, 'kept'), mayDiffer);
      await rm(results, { recursive: true });
      await rxb(folder, ['run', '--quiet']);
      expect(kept).to.deep.equal(await filesUnder(results, mayDiffer));
    });
  });
});

import { expect } from 'chai';
import { execa } from 'execa';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { inTemporaryFolder, writeFiles } from '../../../support/temporary.js';
import { filesUnder, mayDiffer, RXB, SMALL_CONFIG } from '../../../support/rxb.js';
import { fitThreads, ROUTERS } from '../../../support/slow-routers.js';

describe('fits in threads', () => {
  it('leave the same bytes as one fit after the other', async () => {
    await inTemporaryFolder(async (folder) => {
      // the slow router's two fits take so long that threads do the rest; on one core there are
      // none
      const config = SMALL_CONFIG.replace("'coe', ", "'slow', 'probe-dynamic-dirichlet', ")
        .replace("name: 'small',", "name: 'small', plugins: ['./slow.mjs'],")
        .replace('limit: 300', 'limit: 100');
      await mkdir(join(folder, 'node_modules'));
      await symlink(resolve('.'), join(folder, 'node_modules/routerxbench'), 'dir');
      await writeFiles(folder, { 'harness.config.mjs': config, 'slow.mjs': ROUTERS });
      const results = join(folder, 'results');
      const run = async (...before: readonly string[]): Promise<number> => {
        await execa([...before, process.execPath, RXB, 'run', '--quiet'].join(' '), {
          cwd: folder,
          shell: true,
        });
        return await fitThreads(folder, 'small');
      };
      expect(await run()).to.be.at.least(2);
      const shared = await filesUnder(results, mayDiffer);
      expect(
        Object.keys(shared).filter((path) => path.includes('artifacts/weights/')),
      ).to.have.length(8); // two of them are trials
      await rm(results, { recursive: true });
      expect(await run('taskset', '-c', '0')).to.equal(0);
      expect(await filesUnder(results, mayDiffer)).to.deep.equal(shared);
    });
  });
});

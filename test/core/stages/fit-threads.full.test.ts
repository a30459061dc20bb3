import { expect } from 'chai';
import { execa } from 'execa';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunRecord } from '../../../core/results/types.js';
import { inTemporaryFolder, writeFiles } from '../temporary.js';
import { filesUnder, mayDiffer, RXB, SMALL_CONFIG } from '../../e2e/rxb.js';

const record = async (folder: string, run: string): Promise<RunRecord> => JSON.parse(await readFile(join(folder, 'results/runs', run, 'run.json'), 'utf8')) as RunRecord;

describe('fits in threads', () => {
  it('leave the same bytes as one fit after the other', async () => {
    await inTemporaryFolder(async (folder) => {
      // Slow enough for threads; on one core there are none.
      const slow = SMALL_CONFIG.replace('epochs: 3', "epochs: 30, batchSize: 4, trainer: 'tensorflow'").replace('trainingSeeds: [1, 2]', 'trainingSeeds: [1, 2, 3, 4]').replace('limit: 300', 'limit: 200');
      await writeFiles(folder, { 'harness.config.mjs': slow });
      const results = join(folder, 'results');
      const run = async (...before: readonly string[]): Promise<number> => {
        await execa([...before, process.execPath].join(' '), [RXB, 'run', '--quiet'], { cwd: folder, shell: true });
        return (await record(folder, 'small')).fitThreads;
      };
      expect(await run()).to.be.at.least(2);
      const shared = await filesUnder(results, mayDiffer);
      await rm(results, { recursive: true });
      expect(await run('taskset', '-c', '0')).to.equal(0);
      expect(await filesUnder(results, mayDiffer)).to.deep.equal(shared);
    });
  });
});

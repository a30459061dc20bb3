import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { RouterResult } from '../../storage/results/types.js';
import { rxb } from '../support/rxb.js';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';

const folderOf = (name: string): object => ({
  use: 'onnx',
  options: { folder: resolve('models/tiny', name) },
});

const config = (name: string, fitSplit: string, testSplit: string, over: object = {}): string =>
  JSON.stringify({
    name,
    models: { weak: folderOf('weak'), strong: folderOf('strong'), encoder: folderOf('encoder') },
    datasets: { inDomain: [{ use: 'tiny-choice4', fitSplit, testSplit }] },
    generation: { maxTokens: 8 },
    protocol: { trainingSeeds: [1], validationShare: 0.05, ...over },
    limit: 60,
    routers: [{ use: 'knn', options: { k: 1 } }],
    statistics: { resamples: 100 },
  });

describe('weights of another run', function () {
  this.timeout(300_000);

  it('are refused where they were fitted on test rows, and verified where they were not', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'cheat.json': config('cheat', 'test', 'train'),
        'honest.json': config('honest', 'train', 'test'),
        'anyway.json': config('anyway', 'train', 'test', { overlap: { drop: 'none' } }),
      });
      const evaluate = async (name: string, from: string) =>
        await rxb(folder, [
          'eval',
          '--config',
          `${name}.json`,
          '--weights',
          `results/runs/${from}`,
        ]);
      for (const name of ['cheat', 'honest']) {
        const ran = await rxb(folder, ['run', '--quiet', '--config', `${name}.json`]);
        expect(ran.exitCode, ran.stderr).to.equal(0);
      }
      const own = await evaluate('honest', 'honest');
      expect(own.exitCode, own.stderr).to.equal(0);
      const file = join(folder, 'results/runs/honest/knn/tiny-choice4.json');
      const result = JSON.parse(await readFile(file, 'utf8')) as RouterResult;
      expect(result.unverifiedReason).to.equal(null);

      const refused = await evaluate('honest', 'cheat');
      expect(refused.exitCode, refused.stderr).to.equal(2);
      expect(refused.stderr).to.match(
        /RXB6006 .*knn.*fitted on \d+ of the 60 test rows of tiny-choice4, such as "/,
      );
      expect(refused.stdout).to.not.contain('knn');

      await rxb(folder, ['prepare', '--quiet', '--config', 'anyway.json']);
      const allowed = await evaluate('anyway', 'cheat');
      expect(allowed.exitCode, allowed.stderr).to.equal(0);
      expect(allowed.stderr).to.contain('tested where they were fitted on');
    });
  });
});

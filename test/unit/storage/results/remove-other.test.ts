import { expect } from 'chai';
import { removeOtherResults } from '../../../../storage/results/remove-other.js';
import { filesUnder } from '../../../support/rxb.js';
import { inTemporaryFolder, writeFiles } from '../../../support/temporary.js';

describe('results that do not belong to a run', () => {
  it('are removed with their rows; weights and everything else stay', async () => {
    await inTemporaryFolder(async (folder) => {
      const kept = {
        'mine/set.json': '',
        'mine/set.seed-1.rows.jsonl': '',
        'mine/weights/seed-1.safetensors': '',
        'gone/weights/seed-1.safetensors': '',
        'scores/exact/set.jsonl': '',
        'curves/set.svg': '',
        'run.json': '',
        'overlap.json': '',
      };
      await writeFiles(folder, {
        ...kept,
        'mine/other.json': '',
        'mine/other.seed-1.rows.jsonl': '',
        'gone/set.json': '',
        'gone/set.rows.jsonl': '',
        'left/set.rows.jsonl': '',
      });
      await removeOtherResults(folder, [{ router: 'mine', dataset: 'set' }]);
      expect(Object.keys(await filesUnder(folder)).sort()).to.deep.equal(Object.keys(kept).sort());
    });
  });
});

import { expect } from 'chai';
import { join } from 'node:path';
import { ConfigSchema } from '../../../core/config-schema.js';
import { listGuardedPaths } from '../../../pipeline/guarded-paths.js';
import { inTemporaryFolder, writeFiles } from '../../support/temporary.js';

describe('what of a project no third-party router may see', () => {
  it('is results, cached answers, local copies of datasets and every file that a dataset names', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'data/test.jsonl': '',
        'copies/images/x': '',
        'answers.json': '',
        'readme.md': '',
        'my-scorer/index.js': '',
        'answers/x': '',
      });
      const config = ConfigSchema.parse({
        models: { weak: { use: 'a' }, strong: { use: 'b' } },
        datasets: {
          inDomain: [
            { use: 'jsonl', options: { splits: { test: ['data/test.jsonl'] }, images: 'images' } },
            'gsm8k',
          ],
          outOfDomain: [
            { use: 'mine', scorer: { use: 'recorded', options: { file: 'answers.json' } } },
            // a scorer in a folder of its name is no file of the dataset; other names may be
            {
              use: 'yours',
              scorer: ['my-scorer', { use: 'my-scorer' }],
              options: { as: 'answers' },
            },
            { use: 'theirs', options: { scorer: ['my-scorer', './my-scorer'] } },
          ],
        },
        routers: ['a'],
        cache: 'my-cache',
        dataDir: ['copies', '.'],
      });
      const found = listGuardedPaths(config, folder);
      expect(found.map(({ path, what }) => [path.slice(folder.length + 1), what])).to.deep.equal([
        ['results', 'the results'],
        ['my-cache', 'the answer cache'],
        ['copies', 'the data of datasets'],
        ['data/test.jsonl', 'a file of the dataset jsonl'],
        ['copies/images', 'a file of the dataset jsonl'],
        ['answers.json', 'a file of the dataset mine'],
        ['answers', 'a file of the dataset yours'],
        ['my-scorer', 'a file of the dataset theirs'],
      ]);
      expect(found.map(({ path }) => path)).to.include(join(folder, 'data/test.jsonl'));
    });
  });
});

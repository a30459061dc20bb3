import { expect } from 'chai';
import { readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { removeDependents } from '../../../storage/dependents.js';
import { inTemporaryFolder, writeFiles } from '../../support/temporary.js';

const [A, B, C] = ['a', 'b', 'c'].map((digit) => digit.repeat(24)) as [string, string, string];
const key = (origin: string, from: string): string =>
  JSON.stringify({ origin, key: { from }, code: null });

describe('removeDependents', () => {
  it('removes what was made from an artifact, and from that, and nothing behind a link', async () => {
    await inTemporaryFolder(async (root) => {
      const artifacts = join(root, 'results/artifacts');
      await writeFiles(root, {
        [`results/artifacts/grades/${B}/key.json`]: key('b', A),
        [`results/artifacts/grades/${B}/00000.jsonl`]: '',
        [`results/artifacts/confidences/${C}/key.json`]: key('c', B),
        [`results/artifacts/confidences/${C}/notes`]: 'of the user',
        [`outside/${A}/key.json`]: key('x', A),
        'outside/mine/key.json': key('x', A),
      });
      await symlink(join(root, 'outside', A), join(artifacts, 'grades', A));
      expect(await removeDependents(join(root, 'results'), { origin: 'a', hash: A })).to.equal(2);
      expect(await readdir(join(artifacts, 'grades'))).to.deep.equal([A]);
      expect(await readdir(join(artifacts, 'confidences', C))).to.deep.equal(['notes']);
      expect(await readdir(join(root, 'outside'), { recursive: true })).to.have.length(4);
    });
  });
});

import { expect } from 'chai';
import { readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { listSegments } from '../../../../storage/cache/cache-names.js';
import { clearCache, pruneCache } from '../../../../storage/cache/inspect.js';
import { inTemporaryFolder, rejection, writeFiles } from '../../../support/temporary.js';

const ID = 'a'.repeat(24);
const [FIRST, SECOND] = ['1', '2'].map((n) => `2026-01-01T00-00-00-000Z-${n}-2.jsonl`) as [
  string,
  string,
];

describe('the files of the answer cache', () => {
  it('are no links: nothing behind one is read, rewritten or removed', async () => {
    await inTemporaryFolder(async (root) => {
      await writeFiles(root, {
        'mine.jsonl': '{"key":"k","at":"2020"}\n',
        'models/a': '',
        [`cache/${ID}/${FIRST}`]: '',
      });
      const cache = join(root, 'cache');
      await symlink(join(root, 'mine.jsonl'), join(cache, ID, SECOND));
      expect(await listSegments(join(cache, ID))).to.deep.equal([FIRST]);
      expect(await rejection(pruneCache(cache, { before: '2030' }))).to.have.property(
        'code',
        'RXB5013',
      );
      expect(await rejection(clearCache(cache))).to.have.property('code', 'RXB5013');
      await symlink(join(root, 'models'), join(cache, 'b'.repeat(24)));
      expect(await rejection(clearCache(cache))).to.have.property('code', 'RXB5013');
      expect(await readFile(join(root, 'mine.jsonl'), 'utf8')).to.contain('2020');
      expect(await readdir(join(root, 'models'))).to.deep.equal(['a']);
    });
  });
});

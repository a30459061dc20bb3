import { expect } from 'chai';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Contents of all test files of a folder. */
async function texts(folder: string): Promise<string> {
  let all = '';
  const found = await readdir(folder, { withFileTypes: true }).catch(() => []); // a kind may lack one
  for (const item of found) {
    const path = join(folder, item.name);
    all += item.isDirectory() ? await texts(path) : await readFile(path, 'utf8');
  }
  return all;
}

describe('the tests', () => {
  it('name every plugin file of their kind', async () => {
    for (const kind of ['routers', 'datasets', 'scorers', 'models']) {
      const tests = (
        await Promise.all(
          ['unit', 'integration'].map((folder) => texts(join('test', folder, 'plugins', kind))),
        )
      ).join('\n');
      const files = (await readdir(join('plugins', kind))).filter((name) =>
        /^[^_].*\.ts$/.test(name),
      );
      for (const file of files) {
        const name = file.replace(/\.ts$/, '');
        expect(
          tests.includes(`${name}.js`) || tests.includes(`'${name}'`),
          `no test of the ${kind} names ${name}`,
        ).to.equal(true);
      }
    }
  });
});

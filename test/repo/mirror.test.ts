import { expect } from 'chai';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Contents of all test files of a folder. */
async function texts(folder: string): Promise<string> {
  let all = '';
  // a kind may lack this folder
  const found = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const item of found) {
    const path = join(folder, item.name);
    all += item.isDirectory() ? await texts(path) : await readFile(path, 'utf8');
  }
  return all;
}

describe('the tests', () => {
  it('name every plugin file of their kind', async () => {
    const kinds = await readdir('plugins');
    expect(kinds).to.include.members(['routers', 'datasets', 'scorers', 'models']);
    for (const kind of kinds) {
      const tests = (
        await Promise.all(
          ['unit', 'integration'].map((folder) => texts(join('test', folder, 'plugins', kind))),
        )
      ).join('\n');
      for (const file of (await readdir(join('plugins', kind))).filter(
        (name) => name.endsWith('.ts') && !name.startsWith('_'),
      )) {
        const name = file.replace(/\.ts$/, '');
        expect(
          tests.includes(`${name}.js`) || tests.includes(`'${name}'`),
          `no test of the ${kind} names ${name}`,
        ).to.equal(true);
      }
    }
  });
});

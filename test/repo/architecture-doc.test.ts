import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

describe('docs/architecture.md', () => {
  it('names only files and folders that exist', async () => {
    const text = await readFile('docs/architecture.md', 'utf8');
    // what a run or a build leaves, and subpaths of the package, are no files of the repository
    const named = [...text.matchAll(/`([\w./-]+)`/g)]
      .map((match) => match[1] ?? '')
      .filter(
        (name) => /^\w+\/.|\.(ts|js)$/.test(name) && !/^(results|dist|routerxbench)\//.test(name),
      );
    expect(named.length).to.be.greaterThan(30);
    expect(named.filter((name) => !existsSync(name))).to.deep.equal([]);
  });

  it('needs no file twice on the walk from the config to a result', async () => {
    const text = await readFile('docs/architecture.md', 'utf8');
    const walk = text.split('## A walk from the config to a result')[1]?.split('\n## ')[0] ?? '';
    const files = [...walk.matchAll(/`([\w./-]+\.ts)`/g)].map((match) => match[1]);
    expect(files.length).to.be.greaterThan(20);
    expect(files).to.deep.equal([...new Set(files)]);
  });
});

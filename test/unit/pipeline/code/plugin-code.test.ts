import { expect } from 'chai';
import { rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackageSource } from '../../../../core/packages.js';
import { PluginCode } from '../../../../pipeline/code/plugin-code.js';
import { inTemporaryFolder, writeFiles } from '../../../support/temporary.js';

const FILES = {
  'package.json': '{ "dependencies": { "helper": "1" } }',
  'node_modules/helper/package.json': '{ "version": "1.0.0", "dependencies": { "deep": "1" } }',
  'node_modules/helper/index.js': 'export const one = 1;',
  'node_modules/deep/package.json': '{ "version": "1.0.0" }',
  'plugins/mine.ts':
    "import { two } from '../lib/two.js';\nimport 'helper';\nconst w = './w.json';",
  'plugins/w.json': '[1]',
  'lib/two.ts': "export { three } from './three';",
  'lib/three/index.mjs': 'export const three = 3;',
  'lib/other.ts': 'export const other = 0;',
  'results/artifacts/a.json': '{}',
  'tool/route.py': 'print(1)',
};

const source = (folder: string, over: Partial<PackageSource> = {}): PackageSource => ({
  name: 'mine',
  given: null,
  version: '1.0.0',
  folder,
  plugins: null,
  program: null,
  whole: false,
  builtIn: false,
  ...over,
});

/** Which edits change the hash of the code of a source. */
async function listChanging(
  over: (folder: string) => Partial<PackageSource>,
  edits: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  return await inTemporaryFolder(async (folder) => {
    await writeFiles(folder, FILES);
    const hash = async (): Promise<string | null> =>
      await new PluginCode([join(folder, 'results')]).hash({
        source: source(folder, over(folder)),
      });
    const changing: string[] = [];
    for (const [file, text] of Object.entries(edits)) {
      const before = await hash();
      await writeFiles(folder, { [file]: text });
      if ((await hash()) !== before) changing.push(file);
    }
    return changing;
  });
}

describe('the code of a plugin', () => {
  it('of a file is every file that it leads to, and its dependencies as they are installed', async () => {
    const edits = {
      'plugins/mine.ts': `${FILES['plugins/mine.ts']} `,
      'lib/two.ts': `${FILES['lib/two.ts']} `,
      'lib/three/index.mjs': 'export const three = 4;',
      'plugins/w.json': '[2]',
      'node_modules/deep/package.json': '{ "version": "1.0.1" }',
      'node_modules/.package-lock.json':
        '{ "packages": { "node_modules/helper": { "integrity": "sha512-a" } } }',
      'lib/other.ts': 'export const other = 1;',
      'results/artifacts/a.json': '[]',
      'tool/route.py': 'print(2)',
    };
    const changing = await listChanging(
      (folder) => ({ plugins: join(folder, 'plugins/mine.ts') }),
      edits,
    );
    expect(changing).to.deep.equal(Object.keys(edits).slice(0, 6));
  });

  it('of a folder is every file in it; of a package every file but its results and installed packages', async () => {
    const inFolder = await listChanging((folder) => ({ plugins: join(folder, 'plugins') }), {
      'plugins/new.txt': 'more',
      'lib/other.ts': 'export const other = 1;',
    });
    expect(inFolder).to.deep.equal(['plugins/new.txt']);
    const inPackage = await listChanging(
      (folder) => ({ plugins: join(folder, 'plugins'), whole: true }),
      {
        'lib/other.ts': 'export const other = 1;',
        'tool/route.py': 'print(2)',
        'results/artifacts/a.json': '[]',
        'node_modules/helper/index.js': 'export const one = 2;',
        'package.json': '{ "version": "2.0.0", "dependencies": { "helper": "1" } }',
      },
    );
    expect(inPackage).to.deep.equal(['lib/other.ts', 'tool/route.py', 'package.json']);
  });

  it('of a program of the project is what its command names, with the files beside it', async () => {
    const changing = await listChanging(() => ({ program: ['python3', 'tool/route.py'] }), {
      'tool/route.py': 'print(2)',
      'tool/more.py': 'pass',
      'lib/other.ts': 'export const other = 1;',
    });
    expect(changing).to.deep.equal(['tool/route.py', 'tool/more.py']);
  });

  it('knows the files of a linked dependency', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, { ...FILES, 'linked/package.json': '{}', 'linked/a.js': '1' });
      await rm(join(folder, 'node_modules/helper'), { recursive: true });
      await symlink(join(folder, 'linked'), join(folder, 'node_modules/helper'), 'dir');
      const hash = async (): Promise<string | null> =>
        await new PluginCode([]).hash({
          source: source(folder, { plugins: join(folder, 'plugins') }),
        });
      const before = await hash();
      await writeFile(join(folder, 'linked/a.js'), '2');
      expect(await hash()).to.not.equal(before);
    });
  });

  it('of a built-in plugin is the code of the harness, the same each time', async () => {
    const code = new PluginCode([]);
    expect(await code.hash({ source: source('.', { builtIn: true }) })).to.equal(null);
    expect(await code.hashHarness()).to.match(/^[0-9a-f]{24}$/);
    expect(await new PluginCode([]).hashHarness()).to.equal(await code.hashHarness());
  });
});

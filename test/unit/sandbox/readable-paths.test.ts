import { expect } from 'chai';
import { mkdir, realpath, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { collectReadablePaths, type ReadRequest } from '../../../sandbox/readable-paths.js';
import { inTemporaryFolder, rejection, writeFiles } from '../../support/temporary.js';

const manifest = (name: string, more: object = {}): string =>
  JSON.stringify({ name, version: '1.0.0', ...more });
const depends = (...names: readonly string[]): object => ({
  dependencies: Object.fromEntries(names.map((name) => [name, '*'])),
});

/** What a package at `evil` of a project sees below the project's folder, and the warnings. */
async function look(
  folder: string,
  over: Partial<ReadRequest> = {},
): Promise<{ readonly seen: readonly string[]; readonly warnings: readonly string[] }> {
  const root = await realpath(folder);
  const warnings: string[] = [];
  const logger = { info: () => undefined, warn: (text: string) => void warnings.push(text) };
  const { paths } = await collectReadablePaths({
    title: 'evil',
    path: join(root, 'project/node_modules/evil/src'),
    folder: join(root, 'project/node_modules/evil'),
    whole: true,
    project: join(root, 'project'),
    trusted: false,
    logger,
    ...over,
  });
  const seen = [...paths].filter((path) => path.startsWith(`${root}/`));
  return { seen: seen.map((path) => path.slice(root.length + 1)).sort(), warnings };
}

const EVIL = 'project/node_modules/evil';
const HARMLESS = [EVIL, 'project/package.json'];

describe('what a package of JavaScript may read', () => {
  it('is refused where a dependency has another name, of the package or below it', async () => {
    await inTemporaryFolder(async (folder) => {
      for (const [own, inner] of [
        ['../..', 'b'],
        ['a', '../../../../..'],
        ['a', '@x/../../y'],
      ] as const) {
        await writeFiles(folder, {
          'project/package.json': manifest('project'),
          [`${EVIL}/package.json`]: manifest('evil', depends(own)),
          [`${EVIL}/node_modules/a/package.json`]: manifest('a', depends(inner)),
        });
        const error = await rejection(look(folder));
        expect([error.code, error.message]).to.satisfy(
          ([code, message]: [string, string]) =>
            code === 'RXB2231' && message.includes(own === 'a' ? inner : own),
        );
      }
    });
  });

  it('is its folder and what it depends on, wherever package managers put that', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'project/package.json': manifest('project', depends('evil', 'other')),
        [`${EVIL}/package.json`]: manifest('evil', depends('flat', 'own', '@s/stored', 'absent')),
        [`${EVIL}/node_modules/own/package.json`]: manifest('own'),
        'project/node_modules/flat/package.json': manifest('flat', depends('deep')),
        'project/node_modules/deep/package.json': manifest('deep'),
        'project/node_modules/other/package.json': manifest('other'),
        'project/node_modules/.pnpm/s@1/node_modules/@s/stored/package.json': manifest('@s/stored'),
      });
      await mkdir(join(folder, 'project/node_modules/@s'));
      await symlink(
        join(folder, 'project/node_modules/.pnpm/s@1/node_modules/@s/stored'),
        join(folder, 'project/node_modules/@s/stored'),
      );
      expect(await look(folder)).to.deep.equal({
        seen: [
          'project/node_modules/.pnpm/s@1/node_modules/@s/stored',
          'project/node_modules/deep',
          EVIL,
          `${EVIL}/node_modules/own`,
          'project/node_modules/flat',
          'project/package.json',
        ].sort(),
        warnings: [],
      });
    });
  });

  it('is not what a link in node_modules leads to, unless the project’s lockfile has the link', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'project/package.json': manifest('project'),
        'project/data/package.json': manifest('data'),
        [`${EVIL}/package.json`]: manifest('evil', depends('data', 'inner')),
        [`${EVIL}/package-lock.json`]: JSON.stringify({
          packages: { 'node_modules/inner': { link: true, resolved: '../../data' } },
        }),
      });
      await mkdir(join(folder, EVIL, 'node_modules'));
      await symlink(join(folder, 'project/data'), join(folder, EVIL, 'node_modules/inner'));
      await symlink(join(folder, 'project/data'), join(folder, 'project/node_modules/data'));
      const { seen, warnings } = await look(folder);
      expect(seen).to.deep.equal(HARMLESS);
      expect(warnings.join('\n')).to.match(/evil does not see .*node_modules\/data: it is a link/);
      expect(warnings.join('\n'), 'a lockfile of its own decides nothing').to.match(
        /evil does not see .*node_modules\/inner/,
      );

      const locked = (resolved: string): Promise<void> =>
        writeFiles(folder, {
          'project/package-lock.json': JSON.stringify({
            packages: { 'node_modules/data': { link: true, resolved } },
          }),
        });
      await locked('elsewhere');
      expect((await look(folder)).seen).to.deep.equal(HARMLESS);
      await locked('data');
      expect((await look(folder)).seen).to.deep.equal(['project/data', ...HARMLESS].sort());
    });
  });

  it('follows every link where the package is trusted', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'project/package.json': manifest('project'),
        'elsewhere/package.json': manifest('data'),
        [`${EVIL}/package.json`]: manifest('evil', depends('data')),
      });
      await symlink(join(folder, 'elsewhere'), join(folder, 'project/node_modules/data'));
      expect((await look(folder, { trusted: true })).seen).to.include('elsewhere');
    });
  });

  it('is no other package of plugins, and of this one neither plugins nor models', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'project/package.json': manifest('project'),
        [`${EVIL}/package.json`]: manifest('evil', depends('dataset', 'routerxbench')),
        'project/node_modules/dataset/package.json': manifest('dataset', {
          harness: { plugins: '.' },
        }),
      });
      await symlink(resolve('.'), join(folder, 'project/node_modules/routerxbench'));
      expect((await look(folder)).seen).to.deep.equal(HARMLESS);
      const { paths } = await collectReadablePaths({
        title: 'evil',
        path: join(folder, EVIL),
        folder: join(folder, EVIL),
        whole: true,
        project: join(folder, 'project'),
        trusted: false,
      });
      const ours = [...paths].filter((path) => path.startsWith(resolve('.')));
      expect(ours).to.include(resolve('dist/core'));
      expect(
        ours.filter((path) =>
          /^(dist\/plugins|plugins|models|results|)$/.test(path.slice(resolve('.').length + 1)),
        ),
      ).to.deep.equal([]);
    });
  });
});

import { expect } from 'chai';
import { execa } from 'execa';
import { lstat, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';
import { expectToWorkWithoutOptional, OPTIONAL } from '../support/without-optional.js';

/** With the optional packages it is more than 650 MB. */
const MOST_MEGABYTES = 90;

/** A plugin whose options are checked by the zod that the plugin itself imports. */
const PLUGIN = {
  'plugin/package.json': JSON.stringify({
    name: 'rxb-plugin-threshold',
    version: '1.0.0',
    type: 'module',
    harness: { plugins: 'index.js' },
    peerDependencies: { routerxbench: '*', zod: '^4.0.0' },
  }),
  'plugin/index.js': `import { defineRouter } from 'routerxbench';
import { z } from 'zod';

export const longer = defineRouter(
  {
    name: 'longer-than',
    summary: 'Keeps queries of more characters than a threshold',
    needs: [],
    options: z.strictObject({ characters: z.int().positive().default(40) }),
  },
  ({ options }) => ({ score: ({ query }) => query.text.length - options.characters }),
);
`,
};

async function getBytes(path: string): Promise<number> {
  const found = await lstat(path);
  if (!found.isDirectory()) return found.size;
  const sizes = (await readdir(path)).map(async (name) => await getBytes(join(path, name)));
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

describe('npm install --omit=optional', () => {
  it('takes less than a tenth, runs recorded outcomes, and shares one zod with a plugin', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'package.json': '{ "name": "light", "private": true, "type": "module" }',
        ...PLUGIN,
      });
      const npm = async (...args: readonly string[]): Promise<string> =>
        (await execa('npm', [...args], { cwd: folder, env: { npm_config_loglevel: 'error' } }))
          .stdout;
      const pack = async (path: string): Promise<string> =>
        join(
          folder,
          (await npm('pack', '--pack-destination', folder, path)).trim().split('\n').at(-1) ?? '',
        );
      await npm(
        'install',
        ...['--omit=optional', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'],
        await pack(resolve('.')),
        await pack(join(folder, 'plugin')),
      );

      const modules = join(folder, 'node_modules');
      const installed = (await readdir(modules, { recursive: true })).filter((path) =>
        path.endsWith('package.json'),
      );
      for (const name of OPTIONAL)
        expect(installed, name).to.not.include(join(name, 'package.json'));
      expect(await getBytes(modules)).to.be.lessThan(MOST_MEGABYTES * 2 ** 20);
      expect(
        installed.filter((path) =>
          /(^|\/)node_modules\/zod\/package\.json$/.test(`/node_modules/${path}`),
        ),
      ).to.deep.equal([join('zod', 'package.json')]);

      await expectToWorkWithoutOptional(folder);
      const { stdout } = await execa(join(modules, '.bin/rxb'), ['show', 'longer-than'], {
        cwd: folder,
      });
      expect(stdout).to.contain('rxb-plugin-threshold').and.to.contain('characters');
    });
  });
});

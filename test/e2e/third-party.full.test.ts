import { expect } from 'chai';
import { execa } from 'execa';
import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { RouterResult } from '../../storage/results/types.js';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';
import { rxb, SMALL_CONFIG } from '../support/rxb.js';

const CONFIG = SMALL_CONFIG.replace(
  "outOfDomain: ['tiny-math-hard']",
  "outOfDomain: ['vowel-words']",
)
  .replace("'max-logits',", "{ use: 'vowel-share', options: { weight: 2 } },")
  .replace('limit: 300', 'protocol: { trainingSeeds: [1], nullTolerance: 1 }, limit: 30')
  .replace('  protocol: { trainingSeeds: [1, 2], search: 2 },\n', '');

describe('a third-party package', () => {
  it('is installed with npm, found, listed and benchmarked with the built-ins', async () => {
    await inTemporaryFolder(async (folder) => {
      // Consumers' packages do not inherit our .npmrc; this one needs no registry: one tarball and
      // a link.
      await writeFiles(folder, {
        'package.json': '{ "name": "bench", "private": true, "type": "module" }',
        '.npmrc': 'ignore-scripts=true\n',
        'harness.config.mjs': CONFIG,
      });
      const npm = async (...args: readonly string[]): Promise<string> =>
        (await execa('npm', [...args], { cwd: folder, env: { npm_config_loglevel: 'error' } }))
          .stdout;
      const tarball = (
        await npm('pack', '--pack-destination', folder, resolve('test/fixtures/third-party'))
      )
        .trim()
        .split('\n')
        .at(-1) as string;
      await npm(
        'install',
        '--offline',
        '--no-audit',
        '--no-fund',
        '--legacy-peer-deps',
        join(folder, tarball),
        resolve('.'),
      );

      const listed = JSON.parse((await rxb(folder, ['list', '--json'])).stdout) as readonly {
        readonly kind: string;
        readonly name: string;
        readonly package: string;
        readonly version: string;
      }[];
      const theirs = listed.filter((plugin) => plugin.package === 'rxb-plugin-vowels');
      expect(theirs.map(({ kind, name }) => `${kind}/${name}`)).to.deep.equal([
        'dataset/vowel-words',
        'router/vowel-share',
        'scorer/close-number',
      ]);
      expect(theirs[0]?.version).to.equal('1.2.0');
      expect(
        listed.some((plugin) => plugin.name === 'entropy' && plugin.package === 'routerxbench'),
      ).to.equal(true);

      const run = await rxb(folder, ['run']);
      expect(run.exitCode, run.stderr).to.equal(0);
      expect(run.stdout).to.contain('vowel-share').and.to.contain('vowel-words');
      const file = join(folder, 'results', 'runs', 'small', 'vowel-share', 'vowel-words.json');
      const result = JSON.parse(await readFile(file, 'utf8')) as RouterResult;
      expect([result.package, result.plugin, result.rows.total]).to.deep.equal([
        'rxb-plugin-vowels',
        'vowel-share',
        10,
      ]);

      // of two packages that claim one name neither has it, and both are named
      await writeFiles(folder, {
        'copy/package.json':
          '{ "name": "copy-cat", "type": "module", "harness": { "plugins": "plugin.mjs" } }',
        'copy/plugin.mjs':
          'export class A {}\nObject.defineProperty(A, Symbol.for("routerxbench.plugin"), { value: { api: 1, kind: "router", definition: { name: "vowel-share", summary: "s", needs: [] } } });\n',
      });
      await writeFiles(folder, {
        'harness.config.mjs': CONFIG.replace("name: 'small',", "name: 'small', plugins: ['copy'],"),
      });
      const clash = await rxb(folder, ['list']);
      expect(clash.exitCode).to.equal(0);
      expect(clash.stdout)
        .to.contain('RXB2004')
        .and.to.contain('rxb-plugin-vowels')
        .and.to.contain('copy-cat');

      // a plugin for another version of the plugin API, a broken one, and a folder without plugins
      await writeFiles(folder, {
        'copy/plugin.mjs':
          'export class A {}\nObject.defineProperty(A, Symbol.for("routerxbench.plugin"), { value: { api: 99, kind: "router", definition: { name: "a", summary: "", needs: [] } } });\n',
      });
      expect((await rxb(folder, ['list'])).stdout)
        .to.contain('RXB2003')
        .and.to.contain('99');
      await writeFiles(folder, { 'copy/plugin.mjs': 'export class {' });
      expect((await rxb(folder, ['list'])).stdout)
        .to.contain('RXB2001')
        .and.to.contain('copy-cat');
      await writeFiles(folder, { 'copy/package.json': '{ "name": "copy-cat" }' });
      expect((await rxb(folder, ['list'])).stdout).to.contain('RXB2002');
      await rm(join(folder, 'copy'), { recursive: true });
      expect((await rxb(folder, ['list'])).stdout).to.contain('RXB2001');
    });
  });
});

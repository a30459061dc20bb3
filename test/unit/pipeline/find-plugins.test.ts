import { expect } from 'chai';
import { resolve } from 'node:path';
import type { FoundPlugin } from '../../../core/discover.js';
import { HarnessErrors } from '../../../core/errors.js';
import { Registry } from '../../../core/registry.js';
import { openRegistry, settleNames } from '../../../pipeline/find-plugins.js';
import { ISOLATION } from '../../../sandbox/settings.js';
import { sandboxHost } from '../../../sandbox/host.js';
import { inTemporaryFolder, writeFiles } from '../../support/temporary.js';

/** A plugin as a search finds it; one of routerxbench is built in. */
const plugin = (from: string, name: string, aliases: readonly string[] = []): FoundPlugin => ({
  mark: { api: 1, kind: 'router', definition: { name, summary: 's', needs: [], aliases } },
  plugin: class {},
  package: from,
  source: {
    name: from,
    given: null,
    version: '1.0.0',
    folder: '.',
    plugins: `${from}.js`,
    program: null,
    whole: true,
    builtIn: from === 'routerxbench',
  },
  file: `${from}.js`,
  thirdParty: null,
  unverifiedReason: from === 'routerxbench' ? null : 'it ran inside the harness',
});

const names = (registry: Registry): readonly string[] =>
  registry.list('router').map((entry) => `${entry.package}:${entry.mark.definition.name}`);

describe('names of plugins', () => {
  it('a built-in plugin keeps its name and its alias; what claims them is unusable', () => {
    const registry = new Registry(
      settleNames([
        plugin('routerxbench', 'entropy', ['h']),
        plugin('evil', 'entropy'),
        plugin('other', 'mine', ['h', 'm']),
      ]),
    );
    expect(names(registry)).to.deep.equal(['routerxbench:entropy', 'other:mine']);
    expect(registry.find('router', 'h').package).to.equal('routerxbench');
    expect(registry.find('router', 'm').package).to.equal('other');
    expect(
      registry.plugins.unusable.map(({ package: from, error }) => [from, error.code]),
    ).to.deep.equal([
      ['evil', 'RXB2004'],
      ['other', 'RXB2004'],
    ]);
  });

  it('of two third parties nobody has the name, and other plugins of theirs work', () => {
    const registry = new Registry(
      settleNames([plugin('a', 'x'), plugin('a', 'y'), plugin('b', 'x', ['z'])]),
    );
    expect(names(registry)).to.deep.equal(['a:y']);
    expect(() => registry.find('router', 'x'))
      .to.throw('one in a, one in b')
      .with.property('code');
    expect(registry.has('router', 'z')).to.equal(false);
  });
});

describe('packages that cannot be used', () => {
  const BROKEN: Readonly<Record<string, readonly [code: string, text: string]>> = {
    'syntax.mjs': ['RXB2001', 'const x = ;'],
    'throws.mjs': ['RXB2001', "throw new Error('at import');"],
    'misses.mjs': ['RXB2001', "import 'not-there';"],
    'nothing.mjs': ['RXB2005', 'const x = 1;'],
    'future.mjs': [
      'RXB2003',
      "export class P {} Object.defineProperty(P, Symbol.for('routerxbench.plugin'), { value: { api: 9, kind: 'router', definition: { name: 'f', summary: 's', needs: [] } } });",
    ],
  };

  for (const where of ['in processes of their own', 'in this process'])
    it(`cost their own plugins only, ${where}`, async () => {
      await inTemporaryFolder(async (folder) => {
        await writeFiles(
          folder,
          Object.fromEntries(Object.entries(BROKEN).map(([file, [, text]]) => [file, text])),
        );
        const paths = [...Object.keys(BROKEN), 'missing.mjs'].map((file) => resolve(folder, file));
        const inProcess = where === 'in this process' ? ['all'] : [];
        const registry = await openRegistry('.', paths, sandboxHost({ ...ISOLATION, inProcess }));
        await registry.release();
        expect(registry.has('router', 'entropy')).to.equal(true);
        const codes = new Map(
          registry.plugins.unusable.map(({ package: from, error }) => [from, error.code]),
        );
        expect(codes.size).to.equal(paths.length);
        for (const [file, [code]] of Object.entries(BROKEN))
          expect(codes.get(resolve(folder, file)), file).to.equal(code);
        expect(codes.get(resolve(folder, 'missing.mjs'))).to.equal('RXB2001');
        const unknown = (): unknown => registry.find('router', 'f');
        expect(unknown)
          .to.throw(HarnessErrors, 'RXB2003')
          .and.to.match(/RXB2103/);
      });
    }).timeout(20_000);

  it('because of what their package.json says cost their own plugins only', async () => {
    await inTemporaryFolder(async (folder) => {
      const harness = (value: unknown): string => JSON.stringify({ name: 'x', harness: value });
      const manifests: Readonly<Record<string, string>> = {
        empty: '',
        null: 'null',
        list: '[]',
        text: '"harness"',
        'harness-null': harness(null),
        'harness-text': harness('src'),
        'plugins-number': harness({ plugins: 5 }),
        'plugins-list': harness({ plugins: ['src'] }),
        'program-text': harness({ program: 'python3 x.py' }),
        'program-empty': harness({ program: [] }),
        'program-numbers': harness({ program: ['python3', 5] }),
        'program-zero': harness({ program: ['python3\u0000'] }),
        'plugins-zero': harness({ plugins: 'src\u0000' }),
        outside: harness({ plugins: '../../..' }),
      };
      const files = Object.entries(manifests).map(([name, text]) => [`${name}/package.json`, text]);
      const odd = '{ "name": 5, "version": {}, "dependencies": [], "devDependencies": null }';
      await writeFiles(folder, {
        ...Object.fromEntries(files),
        'node_modules/odd/package.json': odd,
      });
      await writeFiles(folder, { 'package.json': '{ "dependencies": { "odd": "*" } }' });
      const paths = Object.keys(manifests).map((name) => `./${name}`);
      const settings = { ...ISOLATION, project: folder };
      const registry = await openRegistry(folder, paths, sandboxHost(settings));
      await registry.release();
      expect(registry.has('router', 'entropy')).to.equal(true);
      expect(registry.plugins.unusable.map(({ error: { code } }) => code)).to.have.lengthOf(
        paths.length,
      );
    });
  }).timeout(60_000);
});

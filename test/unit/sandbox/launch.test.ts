import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { chmod, symlink } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { env } from 'node:process';
import { packageSources, type PackageSource } from '../../../core/packages.js';
import { isNamed, prepareLaunch } from '../../../sandbox/launch.js';
import { getSandbox } from '../../../sandbox/linux-sandbox.js';
import { ISOLATION, type IsolationSettings } from '../../../sandbox/settings.js';
import { inTemporaryFolder, rejection, writeFiles } from '../../support/temporary.js';

const PLUGIN = JSON.stringify({ name: 'evil', version: '1.0.0', harness: { plugins: 'src' } });

const findSource = async (folder: string, path: string): Promise<PackageSource> => {
  const { sources } = await packageSources(folder, [path]);
  const found = sources.find(({ given }) => given === path);
  if (found === undefined) throw new Error(`no source at ${path}`);
  return found;
};

describe('a package on a list of trusted ones', () => {
  it('is one that was found there, never one that calls itself so', () => {
    const dependency = { name: 'mine', given: null };
    const local = { name: 'mine', given: './plugins/mine' };
    for (const [listed, source, expected] of [
      ['mine', dependency, true],
      ['./mine', dependency, false],
      ['mine', local, false],
      ['./plugins/mine', local, true],
      ['plugins/mine/', local, true],
      ['./plugins/x/../mine', local, true],
      ['../mine', { name: '../mine', given: '../evil' }, false],
      ['all', local, true],
      ['all', dependency, true],
    ] as const)
      expect(isNamed([listed], source), `${listed} and ${JSON.stringify(source)}`).to.equal(
        expected,
      );
  });

  it('has the name under which it was installed, and one that can be shown', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'package.json': JSON.stringify({ name: 'project', dependencies: { installed: '*' } }),
        'node_modules/installed/package.json': PLUGIN.replace('evil', './mine'),
        'evil/package.json': PLUGIN.replace('evil', '\\u001b[31mred').replace('1.0.0', '1\\u0007'),
      });
      const { sources } = await packageSources(folder, ['./evil']);
      expect(
        sources
          .filter(({ builtIn }) => !builtIn)
          .map(({ name, given, version }) => [name, given, version]),
      ).to.deep.equal([
        ['installed', null, '1.0.0'],
        [join(folder, 'evil'), './evil', '0.0.0'],
      ]);
    });
  });
});

describe('a package that would see what no router may see', () => {
  const refused = async (
    folder: string,
    path: string,
    settings: Partial<IsolationSettings>,
  ): Promise<string> => {
    const launch = prepareLaunch(await findSource(folder, path), {
      ...ISOLATION,
      project: folder,
      ...settings,
    });
    const { code = '', message } = await rejection(launch);
    return `${code} ${message}`;
  };

  it('is refused before anything starts, and runs elsewhere or where it is trusted', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'plugin/package.json': PLUGIN,
        'plugin/src/router.js': '',
        'plugin/data/test.jsonl': '',
        'routers/router.js': '',
        'routers/test.jsonl': '',
      });
      await symlink(join(folder, 'plugin'), join(folder, 'linked'));
      const guard = (path: string): Partial<IsolationSettings> => ({
        guarded: [{ path: join(folder, path), what: 'the data' }],
      });
      for (const [path, guarded] of [
        ['./plugin', 'plugin/data/test.jsonl'],
        ['./plugin', 'plugin/results/not/yet'],
        ['./linked', 'plugin/data'],
        ['./plugin', 'linked/data/test.jsonl'],
        ['./routers', 'routers/test.jsonl'],
        ['./routers', 'routers'],
        ['./routers/router.js', 'routers/router.js'],
      ] as const)
        expect(await refused(folder, path, guard(guarded)), `${path} ${guarded}`).to.match(
          /RXB2230 The routers of .* would see the data/,
        );
      expect(await refused(folder, '.', {})).to.match(/RXB2230 .* would see the whole project/);

      const started = async (
        path: string,
        over: Partial<IsolationSettings>,
      ): Promise<string | null> => {
        const settings = { ...ISOLATION, project: folder, ...over };
        return (await prepareLaunch(await findSource(folder, path), settings)).unverifiedReason;
      };
      expect(await started('./plugin', guard('routers'))).to.equal(null);
      expect(await started('./routers/router.js', guard('routers/test.jsonl'))).to.equal(null);
      expect(
        await started('./plugin', { ...guard('plugin/data'), trust: ['./plugin'] }),
      ).to.contain('--trust');
    });
  });

  it('shows only its plugins where it is the package of the project', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'package.json': PLUGIN,
        'src/router.js': '',
        'data/test.jsonl': '',
        'bench/results/x': '',
      });
      const guarded = [{ path: join(folder, 'data/test.jsonl'), what: 'the data' }];
      for (const project of [folder, join(folder, 'bench')]) {
        const launch = await prepareLaunch(await findSource(folder, '.'), {
          ...ISOLATION,
          project,
          guarded,
        });
        expect(launch.unverifiedReason).to.equal(null);
      }
      await writeFiles(folder, { 'package.json': PLUGIN.replace('src', '.') });
      expect(await refused(folder, '.', { guarded })).to.match(/RXB2230/);
    });
  });
});

describe('a program', () => {
  it('is started with programs of the system, not with those of its package', async function () {
    if ((await getSandbox()).problem !== null) this.skip();
    const path = env['PATH'];
    await inTemporaryFolder(async (folder) => {
      const mark = join(folder, 'ran');
      const names = ['sh', 'setpriv', 'unshare', 'bwrap', 'mount', 'perl', 'node'];
      const files = names.map((name) => [
        `plugin/bin/${name}`,
        `#!/bin/bash\necho ${name} >> ${mark}\nexit 1\n`,
      ]);
      await writeFiles(folder, {
        ...(Object.fromEntries(files) as Record<string, string>),
        'plugin/package.json': PLUGIN,
        'plugin/src/router.js': '',
      });
      for (const name of names) await chmod(join(folder, 'plugin/bin', name), 0o755);
      try {
        env['PATH'] = ['bin', './bin', '.', '', path].join(delimiter);
        const launch = await prepareLaunch(await findSource(folder, './plugin'), {
          ...ISOLATION,
          project: folder,
        });
        const program = launch.start('the plugin');
        const reply = await program.request(
          { header: { type: 'describe', api: 1 } },
          { what: 'describing', seconds: 60, option: 'scoreSeconds' },
          ({ message }) => message.type,
        );
        await program.close();
        expect(reply).to.equal('described');
        expect(existsSync(mark)).to.equal(false);
      } finally {
        env['PATH'] = path;
      }
    });
  }).timeout(60_000);
});

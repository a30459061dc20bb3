import { expect } from 'chai';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';

interface Import {
  readonly from: string;
  /** A path from the root of the repository, or the name of a package. */
  readonly to: string;
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;

async function sources(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const item of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, item.name);
    if (item.isDirectory()) found.push(...(await sources(path)));
    else if (item.name.endsWith('.ts')) found.push(path);
  }
  return found;
}

async function imports(folder: string): Promise<readonly Import[]> {
  const all: Import[] = [];
  for (const from of await sources(folder)) {
    for (const match of (await readFile(from, 'utf8')).matchAll(IMPORT)) {
      const name = (match[1] ?? match[2]) as string;
      all.push({ from, to: name.startsWith('.') ? normalize(join(dirname(from), name)) : name });
    }
  }
  return all;
}

const under = (path: string, ...folders: readonly string[]): boolean =>
  folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
const ours = (path: string): boolean => under(path, 'core', 'plugins');
const broken = (all: readonly Import[], rule: (one: Import) => boolean): readonly string[] =>
  all.filter((one) => !rule(one)).map(({ from, to }) => `${from} imports ${to}`);

describe('who may import whom', () => {
  let core: readonly Import[];
  let plugins: readonly Import[];
  before(async () => {
    [core, plugins] = [await imports('core'), await imports('plugins')];
    expect([core.length > 200, plugins.length > 50]).to.deep.equal([true, true]);
  });

  it('core never imports plugins', () => {
    expect(broken(core, ({ to }) => !under(to, 'plugins'))).to.deep.equal([]);
  });

  it('util, contracts and errors import nothing of ours but util and the types of signals', () => {
    const low = core.filter(({ from }) =>
      under(from, 'core/util', 'core/contracts.ts', 'core/errors.ts'),
    );
    expect(
      broken(low, ({ to }) => !ours(to) || under(to, 'core/util', 'core/signals/values.js')),
    ).to.deep.equal([]);
  });

  it('metrics, statistics, protocol and report are pure', () => {
    const pure = core.filter(({ from }) =>
      under(from, 'core/metrics', 'core/statistics', 'core/protocol', 'core/report'),
    );
    expect(
      broken(
        pure,
        ({ to }) =>
          !to.startsWith('node:') &&
          !under(
            to,
            'core/store',
            'core/stages',
            'core/cli',
            'core/run.js',
            'core/files.js',
            'core/di.js',
            'core/container.js',
          ),
      ),
    ).to.deep.equal([]);
    const metrics = core.filter(({ from }) => under(from, 'core/metrics'));
    expect(
      broken(metrics, ({ to }) => !ours(to) || under(to, 'core/metrics', 'core/util')),
    ).to.deep.equal([]);
    const statistics = core.filter(({ from }) => under(from, 'core/statistics'));
    expect(
      broken(
        statistics,
        ({ to }) => !ours(to) || under(to, 'core/statistics', 'core/metrics', 'core/util'),
      ),
    ).to.deep.equal([]);
    const protocol = core.filter(({ from }) => under(from, 'core/protocol'));
    expect(
      broken(
        protocol,
        ({ to }) => !ours(to) || under(to, 'core/protocol', 'core/util', 'core/errors.js'),
      ),
    ).to.deep.equal([]);
  });

  it('only di.ts names the injection packages', () => {
    expect(
      broken(
        [...core, ...plugins].filter(({ to }) => /^(tsyringe|reflect-metadata)/.test(to)),
        ({ from }) => from === 'core/di.ts',
      ),
    ).to.deep.equal([]);
  });

  it('only the store, the results, the config, discovery, FILES and what reads rows touch the disk', () => {
    const disk = core.filter(({ to }) => /^node:fs/.test(to));
    const may = [
      'core/store',
      'core/cache',
      'core/download',
      'core/results',
      'core/config.ts',
      'core/packages.ts',
      'core/plugin-files.ts',
      'core/isolation',
      'core/files.ts',
      'core/measure-file.ts',
      'core/run.ts',
      'core/stages/weights.ts',
      'core/finetune',
      'core/cli/main.ts',
      'core/cli/commands/doctor.ts',
      'core/cli/commands/init.ts',
    ];
    expect(broken(disk, ({ from }) => under(from, ...may))).to.deep.equal([]);
  });

  it('nothing below the command line imports it', () => {
    expect(
      broken(core, ({ from, to }) => !under(to, 'core/cli') || under(from, 'core/cli')),
    ).to.deep.equal([]);
  });

  it('plugins import the door, packages and the shared code beside them', () => {
    expect(
      broken(plugins, ({ from, to }) => {
        if (!ours(to)) return true;
        if (under(to, 'core')) return to === 'core/index.js';
        const [, kind, name] = to.split('/') as [string, string, string];
        return name.startsWith('_') && under(from, `plugins/${kind}`);
      }),
    ).to.deep.equal([]);
  });
});

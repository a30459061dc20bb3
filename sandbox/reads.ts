/**
 * What a plugin package may read: itself, what it depends on, and what the harness needs to run it.
 */
import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Real paths, and the links that lead to them. */
export interface Reads {
  readonly paths: ReadonlySet<string>;
  readonly links: ReadonlyMap<string, string>;
}

interface Dependencies {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/**
 * What the child's own code imports: never our plugins or the embedded models, which know questions
 * and answers.
 */
const OF_THE_HARNESS = [
  'zod',
  'tsyringe',
  'reflect-metadata',
  'pure-rand',
  'jiti',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-backend-cpu',
];

const manifestOf = async (folder: string): Promise<Dependencies | undefined> => {
  try {
    return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Dependencies;
  } catch {
    return undefined; // no package, or none that can be read: nothing is known to depend on
  }
};

/** Collects packages and what they depend on, each once. */
class Collected {
  readonly paths = new Set<string>();
  readonly links = new Map<string, string>();

  async file(path: string): Promise<string> {
    const real = await realpath(path);
    if (real !== path) this.links.set(path, real);
    this.paths.add(real);
    return real;
  }

  /** A dependency and its own ones. The harness itself gives only its core. */
  async dependency(name: string, from: string): Promise<void> {
    for (let folder = from; ; folder = dirname(folder)) {
      const candidate = join(folder, 'node_modules', name);
      if (
        basename(folder) !== 'node_modules' &&
        (await stat(candidate).catch(() => undefined)) !== undefined
      ) {
        const real = await realpath(candidate);
        if (real !== candidate) this.links.set(candidate, real);
        if (name === 'routerxbench') await this.harness(real);
        else if (!this.paths.has(real)) {
          this.paths.add(real);
          await this.dependenciesOf(real, (await manifestOf(real)) ?? {});
        }
        return;
      }
      // an optional one that is not installed; a needed one fails at its import
      if (dirname(folder) === folder) return;
    }
  }

  async dependenciesOf(
    folder: string,
    { dependencies, peerDependencies, optionalDependencies }: Dependencies,
  ): Promise<void> {
    for (const name of Object.keys({
      ...dependencies,
      ...peerDependencies,
      ...optionalDependencies,
    }))
      await this.dependency(name, folder);
  }

  /**
   * The code of a copy of the harness that runs a plugin, without its plugins, models and results.
   */
  async harness(folder: string): Promise<void> {
    if (this.paths.has(join(folder, 'dist/core'))) return;
    for (const part of ['dist/core', 'dist/sandbox', 'dist/storage', 'package.json'])
      if ((await stat(join(folder, part)).catch(() => undefined)) !== undefined)
        this.paths.add(join(folder, part));
    for (const name of OF_THE_HARNESS) await this.dependency(name, folder);
  }
}

/**
 * What code at `path` may read. `folder` is the package it belongs to, whose dependencies it may
 * import; `whole`: the package's other
 * files too. Files named package.json above it say how Node takes its files, and are readable.
 */
export async function readsOf({
  path,
  folder,
  whole,
}: {
  readonly path: string;
  readonly folder: string;
  readonly whole: boolean;
}): Promise<Reads> {
  const found = new Collected();
  const real = await found.file(whole ? folder : path);
  const own = await manifestOf(folder);
  if (own !== undefined) {
    await found.dependenciesOf(
      await realpath(folder),
      whole
        ? own
        : { ...own, optionalDependencies: { ...own.optionalDependencies, ...own.devDependencies } },
    );
  }
  await found.dependency('routerxbench', real);
  await found.harness(fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, ''));
  for (let at = dirname(real); dirname(at) !== at; at = dirname(at))
    if ((await stat(join(at, 'package.json')).catch(() => undefined)) !== undefined)
      found.paths.add(join(at, 'package.json'));
  return found;
}

/**
 * What a plugin package may read: itself, what it depends on, and what the harness needs to run it.
 */
import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Real paths, and the links that lead to them. */
export interface ReadablePaths {
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

const readManifest = async (folder: string): Promise<Dependencies | undefined> => {
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

  async addFile(path: string): Promise<string> {
    const real = await realpath(path);
    if (real !== path) this.links.set(path, real);
    this.paths.add(real);
    return real;
  }

  /** A dependency and its own ones. The harness itself gives only its core. */
  async addDependency(name: string, from: string): Promise<void> {
    for (let folder = from; ; folder = dirname(folder)) {
      const candidate = join(folder, 'node_modules', name);
      if (
        basename(folder) !== 'node_modules' &&
        (await stat(candidate).catch(() => undefined)) !== undefined
      ) {
        const real = await realpath(candidate);
        if (real !== candidate) this.links.set(candidate, real);
        if (name === 'routerxbench') await this.addHarness(real);
        else if (!this.paths.has(real)) {
          this.paths.add(real);
          await this.addDependencies(real, (await readManifest(real)) ?? {});
        }
        return;
      }
      // an optional one that is not installed; a needed one fails at its import
      if (dirname(folder) === folder) return;
    }
  }

  async addDependencies(
    folder: string,
    { dependencies, peerDependencies, optionalDependencies }: Dependencies,
  ): Promise<void> {
    for (const name of Object.keys({
      ...dependencies,
      ...peerDependencies,
      ...optionalDependencies,
    }))
      await this.addDependency(name, folder);
  }

  /**
   * The code of a copy of the harness that runs a plugin, without its plugins, models and results.
   */
  async addHarness(folder: string): Promise<void> {
    if (this.paths.has(join(folder, 'dist/core'))) return;
    for (const part of [
      'dist/core',
      'dist/sandbox',
      'dist/storage',
      'dist/analysis',
      'package.json',
    ])
      if ((await stat(join(folder, part)).catch(() => undefined)) !== undefined)
        this.paths.add(join(folder, part));
    for (const name of OF_THE_HARNESS) await this.addDependency(name, folder);
  }
}

/**
 * What code at `path` may read. `folder` is the package it belongs to, whose dependencies it may
 * import; `whole`: the package's other
 * files too. Files named package.json above it say how Node takes its files, and are readable.
 */
export async function collectReadablePaths({
  path,
  folder,
  whole,
}: {
  readonly path: string;
  readonly folder: string;
  readonly whole: boolean;
}): Promise<ReadablePaths> {
  const found = new Collected();
  const real = await found.addFile(whole ? folder : path);
  const manifest = await readManifest(folder);
  if (manifest !== undefined) {
    await found.addDependencies(
      await realpath(folder),
      whole
        ? manifest
        : {
            ...manifest,
            optionalDependencies: { ...manifest.optionalDependencies, ...manifest.devDependencies },
          },
    );
  }
  await found.addDependency('routerxbench', real);
  await found.addHarness(fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, ''));
  for (let ancestor = dirname(real); dirname(ancestor) !== ancestor; ancestor = dirname(ancestor))
    if ((await stat(join(ancestor, 'package.json')).catch(() => undefined)) !== undefined)
      found.paths.add(join(ancestor, 'package.json'));
  return found;
}

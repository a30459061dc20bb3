/**
 * The files that a plugin package may read: its own, its dependencies, and what the harness needs
 * to run it.
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
 * The code that the child process imports: never our plugins or the embedded models, which contain
 * questions and answers.
 */
const OF_THE_HARNESS = ['zod', 'tsyringe', 'reflect-metadata', 'pure-rand', 'jiti'];

const readManifest = async (folder: string): Promise<Dependencies | undefined> => {
  try {
    return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Dependencies;
  } catch {
    return undefined; // not a package, or not readable: it has no known dependencies
  }
};

/** Collects packages and their dependencies, each once. */
class Collected {
  readonly paths = new Set<string>();
  readonly links = new Map<string, string>();

  async addFile(path: string): Promise<string> {
    const real = await realpath(path);
    if (real !== path) this.links.set(path, real);
    this.paths.add(real);
    return real;
  }

  /** A dependency and its own dependencies. Of the harness itself, only the core. */
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
      // an optional one that is not installed; a required one fails at its import
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

  /** The code of the harness that runs a plugin, without its plugins, models and results. */
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
 * The paths that code at `path` may read. `folder` is its package, whose dependencies it may
 * import; `whole`: also the other files of the package. The package.json files above it are
 * readable, because they tell Node.js how to load its files.
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

/**
 * The files that a JavaScript plugin package may read: its own, its dependencies where they were
 * installed, and what the harness needs to run it.
 */
import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { getHarnessFolder } from '../core/packages.js';
import type { Logger } from '../core/tokens.js';
import { SandboxError } from './errors.js';
import { readLockfile } from './lockfile.js';
import { isPackageName } from './package-name.js';
import { isWithin } from './sandbox-mounts.js';

/** Real paths, and the links that lead to them. */
export interface ReadablePaths {
  readonly paths: ReadonlySet<string>;
  readonly links: ReadonlyMap<string, string>;
}

/** A package, and where it is used. */
export interface ReadRequest {
  /** For messages. */
  readonly title: string;
  /** The file or folder of its plugins. */
  readonly path: string;
  /** The package, whose dependencies its code may import. */
  readonly folder: string;
  /** Whether its code may read the other files of the package too. */
  readonly whole: boolean;
  /** The project, whose lockfile says which links were installed; null outside a project. */
  readonly project: string | null;
  /** It is trusted: links in node_modules are followed wherever they lead. */
  readonly trusted: boolean;
  readonly logger?: Logger | undefined;
}

const Dependencies = z.looseObject({}).catch({});
const Manifest = z.looseObject({
  dependencies: Dependencies,
  peerDependencies: Dependencies,
  optionalDependencies: Dependencies,
  devDependencies: Dependencies,
});
type Manifest = z.output<typeof Manifest>;

/**
 * The code that the child process imports: never our plugins or the embedded models, which contain
 * questions and answers.
 */
const OF_THE_HARNESS = ['zod', 'tsyringe', 'reflect-metadata', 'pure-rand', 'jiti'];
const SELF = 'routerxbench';

const exists = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined)) !== undefined;

const readManifest = async (folder: string): Promise<Manifest | undefined> => {
  try {
    return Manifest.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
  } catch {
    return undefined; // not a package, or not readable: it has no known dependencies
  }
};

/** A folder and those that contain it. */
function listAncestors(folder: string): readonly string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...listAncestors(above)];
}

/** Where a package manager puts a package: node_modules/name or node_modules/@scope/name. */
const isPackageLocation = (path: string): boolean => {
  const above = dirname(path);
  return basename(basename(above).startsWith('@') ? dirname(above) : above) === 'node_modules';
};

/** Collects packages and their dependencies, each once. */
class Collected {
  readonly paths = new Set<string>();
  readonly links = new Map<string, string>();

  constructor(private readonly request: ReadRequest) {}

  async addFile(path: string): Promise<string> {
    const real = await realpath(path);
    if (real !== path) this.links.set(path, real);
    this.paths.add(real);
    return real;
  }

  /**
   * A dependency and its own dependencies. Of the harness itself, only the core; of a package of
   * plugins nothing, because it may bring the data of a dataset.
   */
  async addDependency(name: string, from: string): Promise<void> {
    if (!isPackageName(name))
      throw new SandboxError('invalidDependencyName', {
        package: this.request.title,
        name: JSON.stringify(name).slice(0, 200),
      });
    for (const folder of listAncestors(from)) {
      const candidate = join(folder, 'node_modules', name);
      if (basename(folder) === 'node_modules' || !(await exists(candidate))) continue;
      const real = await realpath(candidate);
      const isHarness = name === SELF;
      if (!(await this.#mayFollow(candidate, real, from))) return this.#warn(candidate, real);
      const manifest = await readManifest(real);
      if (!isHarness && manifest?.['harness'] !== undefined) return;
      if (real !== candidate) this.links.set(candidate, real);
      if (isHarness) await this.addHarness(real);
      else if (!this.paths.has(real)) {
        this.paths.add(real);
        if (manifest !== undefined) await this.addDependencies(real, manifest);
      }
      return;
    }
    // an optional one that is not installed; a required one fails at its import
  }

  /**
   * Whether a package is this harness or a dependency of it, is where package managers install it,
   * in a node_modules folder that its user can see, or is a link that the project's lockfile has (a
   * workspace, or `file:`).
   */
  async #mayFollow(candidate: string, real: string, from: string): Promise<boolean> {
    const harness = await realpath(getHarnessFolder());
    // what the harness imports runs outside of the sandbox anyway
    if (this.request.trusted || real === harness || from === harness) return true;
    for (const folder of listAncestors(from)) {
      const modules = await realpath(join(folder, 'node_modules')).catch(() => undefined);
      if (modules !== undefined && isWithin(real, modules) && isPackageLocation(real)) return true;
    }
    const root = listAncestors(candidate).find((folder) => basename(folder) === 'node_modules');
    const owner = dirname(root ?? candidate);
    const { project } = this.request;
    if (project === null || !isWithin(await realpath(project), await realpath(owner))) return false;
    const locked = readLockfile(join(owner, 'package-lock.json'))?.[relative(owner, candidate)];
    if (locked?.link !== true || locked.resolved === undefined) return false;
    return (await realpath(resolve(owner, locked.resolved)).catch(() => undefined)) === real;
  }

  #warn(candidate: string, real: string): void {
    this.request.logger?.warn(
      `${this.request.title} does not see its dependency ${candidate}: it is a link to ${real}, which no lockfile of the project names`,
    );
  }

  async addDependencies(
    folder: string,
    { dependencies, peerDependencies, optionalDependencies }: Manifest,
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
      if (await exists(join(folder, part))) this.paths.add(join(folder, part));
    for (const name of OF_THE_HARNESS) await this.addDependency(name, folder);
  }
}

/**
 * The paths that code of a package may read. The package.json files above it are readable, because
 * they tell Node.js how to load its files.
 * @throws RXB2231
 */
export async function collectReadablePaths(request: ReadRequest): Promise<ReadablePaths> {
  const { path, folder, whole } = request;
  const found = new Collected(request);
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
  await found.addDependency(SELF, real);
  await found.addHarness(await realpath(getHarnessFolder()));
  for (const ancestor of listAncestors(dirname(real)))
    if (dirname(ancestor) !== ancestor && (await exists(join(ancestor, 'package.json'))))
      found.paths.add(join(ancestor, 'package.json'));
  return found;
}

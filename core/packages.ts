/**
 * Where plugins come from: the harness, the project, what it depends on, and what the config names.
 * Reads manifests, runs nothing.
 */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HarnessError, getErrorMessage } from './errors.js';

/** A package, folder or file of plugins. */
export interface PackageSource {
  /** Package name, or the path given in the config. */
  readonly name: string;
  /** The path under which the config names it; null where it was found otherwise. */
  readonly given: string | null;
  readonly version: string;
  /**
   * The package's folder, or the one a file or plain folder lies in: where its imports are looked
   * up.
   */
  readonly folder: string;
  /** Its file or folder of JavaScript plugins; null for a program of another language. */
  readonly plugins: string | null;
  /** A command that speaks the plugin protocol; null for JavaScript. */
  readonly program: readonly string[] | null;
  /** Whether its code may read all of the folder, or only its plugins. */
  readonly whole: boolean;
  /** The harness's own. */
  readonly builtIn: boolean;
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly harness?: { readonly plugins?: string; readonly program?: readonly string[] };
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

const readManifest = async (folder: string): Promise<Manifest | undefined> => {
  let text: string;
  try {
    text = await readFile(join(folder, 'package.json'), 'utf8');
  } catch {
    return undefined; // no package here: the caller decides whether that is an error
  }
  try {
    return JSON.parse(text) as Manifest;
  } catch (cause) {
    throw new HarnessError(
      'pluginNotLoaded',
      { package: folder, problem: `package.json is not JSON (${getErrorMessage(cause)})` },
      { cause },
    );
  }
};

/** Whether a folder is a package of plugins. */
export const isPluginPackage = async (folder: string): Promise<boolean> =>
  (await readManifest(folder))?.harness !== undefined;

/**
 * The folder of the package that this file belongs to: the repository, or
 * node_modules/routerxbench.
 */
export async function getHarnessFolder(): Promise<string> {
  let folder = dirname(fileURLToPath(import.meta.url));
  while ((await readManifest(folder))?.name !== 'routerxbench') folder = dirname(folder);
  return folder;
}

/** The harness's own version. */
export async function getHarnessVersion(): Promise<string> {
  return (await readManifest(await getHarnessFolder()))?.version ?? '';
}

/** Where Node would find a dependency's folder: node_modules of `from` or of a folder above it. */
const dependencyFolder = async (from: string, name: string): Promise<string | undefined> => {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if ((await readManifest(candidate)) !== undefined) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
};

const buildSources = (
  folder: string,
  manifest: Manifest,
  kind: { readonly given?: string; readonly whole: boolean; readonly builtIn?: boolean },
): readonly PackageSource[] => {
  const name = manifest.name ?? folder;
  const shared = {
    name,
    given: kind.given ?? null,
    version: manifest.version ?? '0.0.0',
    folder,
    whole: kind.whole,
    builtIn: kind.builtIn ?? false,
  };
  const { plugins, program } = manifest.harness ?? {};
  if (
    program !== undefined &&
    (!Array.isArray(program) ||
      program.length === 0 ||
      !program.every((part) => typeof part === 'string'))
  ) {
    throw new HarnessError('pluginNotLoaded', {
      package: name,
      problem: '"harness": { "program": … } must be a command, given as a list of strings',
    });
  }
  return [
    ...(plugins === undefined
      ? []
      : [{ ...shared, plugins: resolve(folder, plugins), program: null }]),
    ...(program === undefined ? [] : [{ ...shared, plugins: null, program }]),
  ];
};

/**
 * The packages of the harness itself, of the project at `folder`, of the project's direct
 * dependencies, and the local paths named in
 * the config (a package folder, a folder of plugin files, or one file). @throws RXB2001, RXB2002
 */
export async function packageSources(
  folder: string,
  localPaths: readonly string[],
): Promise<readonly PackageSource[]> {
  const harnessFolder = await getHarnessFolder();
  const found = [
    ...buildSources(harnessFolder, (await readManifest(harnessFolder)) ?? {}, {
      whole: true,
      builtIn: true,
    }),
  ];
  const project = await readManifest(folder);
  if (project !== undefined && project.name !== 'routerxbench') {
    found.push(...buildSources(folder, project, { whole: false }));
    const names = Object.keys({
      ...project.dependencies,
      ...project.devDependencies,
      ...project.optionalDependencies,
    });
    for (const name of names.sort()) {
      if (name === 'routerxbench') continue;
      const dependency = await dependencyFolder(folder, name);
      const manifest = dependency === undefined ? undefined : await readManifest(dependency);
      if (dependency !== undefined && manifest !== undefined)
        found.push(...buildSources(dependency, manifest, { whole: true }));
    }
  }
  for (const path of localPaths) {
    const full = resolve(folder, path);
    const kind = await stat(full).catch((cause: unknown) => {
      throw new HarnessError(
        'pluginNotLoaded',
        { package: path, problem: 'there is no such file or folder' },
        { cause },
      );
    });
    // installed, or named before
    if (found.some((source) => source.folder === full && source.whole)) continue;
    const manifest = kind.isDirectory() ? await readManifest(full) : undefined;
    if (manifest === undefined) {
      found.push({
        name: path,
        given: path,
        version: '0.0.0',
        folder: dirname(full),
        plugins: full,
        program: null,
        whole: false,
        builtIn: false,
      });
      continue;
    }
    const sources = buildSources(full, manifest, { given: path, whole: true });
    if (sources.length === 0) throw new HarnessError('notAPluginPackage', { package: path });
    found.push(...sources);
  }
  return found;
}

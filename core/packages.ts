/** Where plugins come from. Reads package.json files and runs nothing. */
import { readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { getErrorMessage, HarnessError } from './errors.js';

/** A package, folder or file of plugins. */
export interface PackageSource {
  /** The name under which a dependency is installed, the path in the config, or its own name. */
  readonly name: string;
  /** The path in the config; null where it was found otherwise. */
  readonly given: string | null;
  readonly version: string;
  /** The package's folder, or the one that contains the file or folder: its imports start here. */
  readonly folder: string;
  /** Its file or folder of JavaScript plugins; null for a program of another language. */
  readonly plugins: string | null;
  /** A command that implements the plugin protocol; null for JavaScript. */
  readonly program: readonly string[] | null;
  /** Whether its code may read the whole folder, or only its plugins. */
  readonly whole: boolean;
  /** Part of the harness itself. */
  readonly builtIn: boolean;
}

/** Plugins that cannot be used, and why: all of a package, or one whose name is taken. */
export interface UnusablePlugins {
  readonly package: string;
  readonly error: HarnessError;
}

const Text = z.string().optional().catch(undefined);
const Dependencies = z.looseObject({}).optional().catch(undefined);
const Harness = z.looseObject({
  plugins: z.string().optional(),
  program: z.array(z.string()).min(1).optional(),
});
const Manifest = z.looseObject({
  name: Text,
  version: Text,
  harness: Harness.optional(),
  dependencies: Dependencies,
  devDependencies: Dependencies,
  optionalDependencies: Dependencies,
});

/** A package's folder and package.json. */
interface Package {
  readonly folder: string;
  readonly manifest: z.output<typeof Manifest>;
}

const SELF = 'routerxbench';
/** A name or version that can be shown as it is. */
const PLAIN = /^[\w@][\w@./+~-]{0,213}$/;

/** The package in a folder; undefined where there is no package.json. @throws RXB2001 */
async function readPackage(folder: string): Promise<Package | undefined> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
  try {
    return text === undefined ? undefined : { folder, manifest: Manifest.parse(JSON.parse(text)) };
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : getErrorMessage(cause);
    const problem = `package.json cannot be used (${why})`;
    throw new HarnessError('pluginNotLoaded', { package: folder, problem }, { cause });
  }
}

/** Whether a folder is a package of plugins. */
export const isPluginPackage = async (folder: string): Promise<boolean> =>
  (await readPackage(folder))?.manifest.harness !== undefined;

/** The folder of this package: the repository, or node_modules/routerxbench. */
export const getHarnessFolder = (): string =>
  dirname(createRequire(import.meta.url).resolve(`${SELF}/package.json`));

/** The version of this package. */
export const getHarnessVersion = async (): Promise<string> =>
  (await readPackage(getHarnessFolder()))?.manifest.version ?? '';

/** The plugins of a package: none, JavaScript, a program, or both. */
function listSources(
  { folder, manifest }: Package,
  origin: Partial<PackageSource> = {},
): readonly PackageSource[] {
  const { name = '', version = '', harness: { plugins, program } = {} } = manifest;
  const named = { name: PLAIN.test(name) ? name : folder, ...origin };
  const known = { version: PLAIN.test(version) ? version : '0.0.0', folder, plugins: null };
  const source = { given: null, whole: true, builtIn: false, ...named, ...known, program: null };
  return [
    ...(plugins === undefined ? [] : [{ ...source, plugins: resolve(folder, plugins) }]),
    ...(program === undefined ? [] : [{ ...source, program }]),
  ];
}

/** A dependency, found as Node finds it: in node_modules of a folder or of one above it. */
async function listDependency(from: string, name: string): Promise<readonly PackageSource[]> {
  const found = await readPackage(join(from, 'node_modules', name));
  if (found !== undefined) return listSources(found, { name });
  return dirname(from) === from ? [] : await listDependency(dirname(from), name);
}

/** A place of plugins, and how to look there. */
type Place = readonly [name: string, list: () => Promise<readonly PackageSource[]>];

/** The project and its direct dependencies. */
async function listProjectPlaces(folder: string): Promise<readonly Place[]> {
  const project = await readPackage(folder);
  if (project === undefined || project.manifest.name === SELF) return [];
  const { dependencies, devDependencies, optionalDependencies } = project.manifest;
  const names = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
  return [
    [folder, async () => listSources(project, { whole: false })],
    ...names
      .sort()
      .filter((name) => name !== SELF)
      .map((name): Place => [name, async () => await listDependency(folder, name)]),
  ];
}

/** The plugins of a local path: a package folder, a folder of plugin files, or one file. */
async function listLocalSources(full: string, given: string): Promise<readonly PackageSource[]> {
  const kind = await stat(full).catch((cause: unknown) => {
    const problem = 'there is no such file or folder';
    throw new HarnessError('pluginNotLoaded', { package: given, problem }, { cause });
  });
  const found = kind.isDirectory() ? await readPackage(full) : undefined;
  if (found === undefined) {
    const own = { folder: dirname(full), manifest: { harness: { plugins: full } } };
    return listSources(own, { name: given, given, whole: false });
  }
  const sources = listSources(found, { given });
  if (sources.length === 0) throw new HarnessError('notAPluginPackage', { package: given });
  return sources;
}

/**
 * The packages of the harness itself, of the project at `folder`, of the project's direct
 * dependencies, and the local paths that the config names; and the places that cannot be read.
 */
export async function packageSources(
  folder: string,
  localPaths: readonly string[],
): Promise<{ sources: readonly PackageSource[]; unusable: readonly UnusablePlugins[] }> {
  const harness = await readPackage(getHarnessFolder());
  const sources = harness === undefined ? [] : [...listSources(harness, { builtIn: true })];
  const unusable: UnusablePlugins[] = [];
  const look = async ([name, list]: Place): Promise<void> => {
    const found = await list().catch((error: unknown) => {
      if (!(error instanceof HarnessError)) throw error;
      unusable.push({ package: name, error });
      return [];
    });
    sources.push(...found);
  };
  for (const place of await listProjectPlaces(folder)) await look(place);
  for (const path of localPaths) {
    const full = resolve(folder, path);
    if (sources.some((source) => source.folder === full && source.whole)) continue; // known already
    await look([path, async () => await listLocalSources(full, path)]);
  }
  return { sources, unusable };
}

/** Packages → plugin classes. The one way into plugins: `import(url)`. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { HarnessError, messageOf } from './errors.js';
import { markOf, PLUGIN_API, type PluginMark } from './plugin.js';

/** A plugin class and where it was found. */
export interface FoundPlugin {
  readonly mark: PluginMark;
  readonly plugin: new (...args: never[]) => unknown;
  /** Package name, or the path given in the config. */
  readonly package: string;
  readonly packageVersion: string;
  readonly file: string;
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly harness?: { readonly plugins?: string };
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

const CODE = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts']);

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
    throw new HarnessError('RXB2001', { package: folder, problem: `package.json is not JSON (${messageOf(cause)})` }, { cause });
  }
};

/** The folder of the package that this file belongs to: the repository, or node_modules/routerxbench. */
export async function ownPackageFolder(): Promise<string> {
  let folder = dirname(fileURLToPath(import.meta.url));
  while ((await readManifest(folder))?.name !== 'routerxbench') folder = dirname(folder);
  return folder;
}

/** Where Node would find a dependency's folder: node_modules of `from` or of a folder above it. */
const dependencyFolder = async (from: string, name: string): Promise<string | undefined> => {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if ((await readManifest(candidate)) !== undefined) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
};

const pluginFiles = async (path: string): Promise<readonly string[]> => {
  if ((await stat(path)).isFile()) return [path];
  const entries = (await readdir(path, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const files: string[] = [];
  for (const item of entries) {
    if (item.name.startsWith('_') || item.name.startsWith('.') || item.name === 'node_modules') continue;
    const full = join(path, item.name);
    if (item.isDirectory()) files.push(...(await pluginFiles(full)));
    else if (CODE.has(extname(item.name)) && !/\.d\.m?ts$|\.test\.m?[jt]s$/.test(item.name)) files.push(full);
  }
  return files;
};

/** Loads a JavaScript module as Node does, and a TypeScript one through jiti. */
export async function importFile(file: string): Promise<Record<string, unknown>> {
  if (!/\.m?ts$/.test(file)) return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  const { createJiti } = await import('jiti');
  const jiti = createJiti(import.meta.url, { nativeModules: ['routerxbench', 'tsyringe', 'zod'], interopDefault: false });
  return await jiti.import<Record<string, unknown>>(file);
}

const pluginsIn = async (path: string, name: string, version: string): Promise<readonly FoundPlugin[]> => {
  let files: readonly string[];
  try {
    files = await pluginFiles(path);
  } catch (cause) {
    throw new HarnessError('RXB2001', { package: name, problem: `${path} cannot be read (${messageOf(cause)})` }, { cause });
  }
  const found: FoundPlugin[] = [];
  for (const file of files) {
    let exported: Record<string, unknown>;
    try {
      exported = await importFile(file);
    } catch (cause) {
      throw new HarnessError('RXB2001', { package: name, problem: `${file}: ${messageOf(cause)}` }, { cause });
    }
    const nested = exported['default'];
    const candidates = new Set([...Object.values(exported), ...(typeof nested === 'object' && nested !== null ? Object.values(nested) : [])]);
    for (const candidate of candidates) {
      const mark = markOf(candidate);
      if (mark === undefined) continue;
      if (mark.api !== PLUGIN_API) {
        throw new HarnessError('RXB2003', { name: mark.definition.name, package: name, found: mark.api, wanted: PLUGIN_API });
      }
      found.push({ mark, plugin: candidate as FoundPlugin['plugin'], package: name, packageVersion: version, file });
    }
  }
  return found;
};

const packagePlugins = async (folder: string, manifest: Manifest): Promise<readonly FoundPlugin[]> => {
  const plugins = manifest.harness?.plugins;
  if (plugins === undefined) return [];
  return await pluginsIn(resolve(folder, plugins), manifest.name ?? folder, manifest.version ?? '0.0.0');
};

/**
 * Finds the plugins of the harness itself, of the project at `folder`, of the project's direct dependencies, and of the
 * local paths named in the config (a package folder, a folder of plugin files, or one file).
 */
export async function discover(folder: string, localPaths: readonly string[]): Promise<readonly FoundPlugin[]> {
  const own = await ownPackageFolder();
  const found = [...(await packagePlugins(own, (await readManifest(own)) ?? {}))];
  const project = await readManifest(folder);
  if (project !== undefined && project.name !== 'routerxbench') {
    found.push(...(await packagePlugins(folder, project)));
    const names = Object.keys({ ...project.dependencies, ...project.devDependencies, ...project.optionalDependencies });
    for (const name of names.sort()) {
      if (name === 'routerxbench') continue;
      const at = await dependencyFolder(folder, name);
      const manifest = at === undefined ? undefined : await readManifest(at);
      if (at !== undefined && manifest !== undefined) found.push(...(await packagePlugins(at, manifest)));
    }
  }
  for (const path of localPaths) {
    const full = resolve(folder, path);
    const kind = await stat(full).catch((cause: unknown) => {
      throw new HarnessError('RXB2001', { package: path, problem: 'there is no such file or folder' }, { cause });
    });
    const manifest = kind.isDirectory() ? await readManifest(full) : undefined;
    if (manifest === undefined) found.push(...(await pluginsIn(full, path, '0.0.0')));
    else if (manifest.harness?.plugins === undefined) throw new HarnessError('RXB2002', { package: path });
    else found.push(...(await packagePlugins(full, manifest)));
  }
  return found;
}

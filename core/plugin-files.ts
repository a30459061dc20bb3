/** Loads plugin classes from files; the only way to a plugin is `import(url)`. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { getErrorMessage, HarnessError } from './errors.js';
import { getPluginMark, PLUGIN_API, type PluginClass, type PluginMark } from './plugin.js';

/** A plugin class, the file that exports it, and under which name. */
export interface ExportedPlugin {
  readonly mark: PluginMark;
  readonly plugin: PluginClass;
  readonly file: string;
  readonly export: string;
}

const CODE = /\.([cm]?js|m?ts)$/;
const SKIPPED = /^[_.]|^node_modules$|\.d\.m?ts$|\.test\.m?[jt]s$/;

/** Code files of a folder and its subfolders; not `_…`, hidden files, declarations and tests. */
async function listCodeFiles(path: string): Promise<readonly string[]> {
  if ((await stat(path)).isFile()) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  const files: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (SKIPPED.test(entry.name)) continue;
    const full = join(path, entry.name);
    if (entry.isDirectory()) files.push(...(await listCodeFiles(full)));
    else if (CODE.test(entry.name)) files.push(full);
  }
  return files;
}

/** Loads a JavaScript module as Node does, and a TypeScript one through jiti. */
export async function importFile(file: string): Promise<Readonly<Record<string, unknown>>> {
  if (!/\.m?ts$/.test(file))
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  const { createJiti } = await import('jiti');
  const jiti = createJiti(import.meta.url, {
    nativeModules: ['routerxbench', 'tsyringe', 'zod'],
    interopDefault: false,
    fsCache: false,
  });
  return await jiti.import<Record<string, unknown>>(file);
}

/** A handler that reports what failed as RXB2001. */
const notLoaded =
  (name: string, describe: (message: string) => string) =>
  (cause: unknown): never => {
    const problem = describe(getErrorMessage(cause));
    throw new HarnessError('pluginNotLoaded', { package: name, problem }, { cause });
  };

/** The plugins that a file exports, by name or in its default export. @throws RXB2001, RXB2003 */
export async function loadPluginsFromFile(
  file: string,
  name: string,
): Promise<readonly ExportedPlugin[]> {
  const exported = await importFile(file).catch(
    notLoaded(name, (message) => `${file}: ${message}`),
  );
  const { default: nested } = exported;
  const inner = typeof nested === 'object' && nested !== null ? Object.entries(nested) : [];
  const found = new Map<unknown, ExportedPlugin>();
  for (const [key, candidate] of [...Object.entries(exported), ...inner]) {
    const mark = getPluginMark(candidate);
    if (mark === undefined || found.has(candidate)) continue;
    if (mark.api !== PLUGIN_API) {
      const versions = { found: mark.api, wanted: PLUGIN_API };
      const details = { name: mark.definition.name, package: name, ...versions };
      throw new HarnessError('pluginApiMismatch', details);
    }
    found.set(candidate, { mark, plugin: candidate as PluginClass, file, export: key });
  }
  return [...found.values()];
}

/** The plugins of a file, or of all code files in a folder. @throws RXB2001, RXB2003 */
export async function loadPluginsIn(
  path: string,
  name: string,
): Promise<readonly ExportedPlugin[]> {
  const files = await listCodeFiles(path).catch(
    notLoaded(name, (message) => `${path} cannot be read (${message})`),
  );
  const found = new Map<PluginClass, ExportedPlugin>(); // another file may export one again
  for (const file of files)
    for (const one of await loadPluginsFromFile(file, name))
      if (!found.has(one.plugin)) found.set(one.plugin, one);
  return [...found.values()];
}

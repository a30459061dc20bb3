/** Files → plugin classes. The one way into plugins: `import(url)`. */
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HarnessError, getErrorMessage } from './errors.js';
import { getPluginMark, PLUGIN_API, type PluginMark } from './plugin.js';

/** Any plugin class. */
export type PluginClass = new (...args: never[]) => unknown;

/** A marked class, the file that exports it, and under which name. */
export interface ExportedPlugin {
  readonly mark: PluginMark;
  readonly plugin: PluginClass;
  readonly file: string;
  readonly export: string;
}

const CODE = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts']);

/**
 * Code files of a folder and the folders in it; `_…`, hidden files, declarations and tests are left
 * out.
 */
async function codeFiles(path: string): Promise<readonly string[]> {
  if ((await stat(path)).isFile()) return [path];
  const entries = (await readdir(path, { withFileTypes: true })).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  const files: string[] = [];
  for (const item of entries) {
    if (item.name.startsWith('_') || item.name.startsWith('.') || item.name === 'node_modules')
      continue;
    const full = join(path, item.name);
    if (item.isDirectory()) files.push(...(await codeFiles(full)));
    else if (CODE.has(extname(item.name)) && !/\.d\.m?ts$|\.test\.m?[jt]s$/.test(item.name))
      files.push(full);
  }
  return files;
}

/** Loads a JavaScript module as Node does, and a TypeScript one through jiti. */
export async function importFile(file: string): Promise<Record<string, unknown>> {
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

/**
 * The plugins that one file exports, by name or inside its default export. @throws RXB2001, RXB2003
 */
export async function loadPluginsFromFile(
  file: string,
  name: string,
): Promise<readonly ExportedPlugin[]> {
  let exported: Record<string, unknown>;
  try {
    exported = await importFile(file);
  } catch (cause) {
    throw new HarnessError(
      'pluginNotLoaded',
      { package: name, problem: `${file}: ${getErrorMessage(cause)}` },
      { cause },
    );
  }
  const nested = exported['default'];
  const inner =
    typeof nested === 'object' && nested !== null
      ? Object.entries(nested as Record<string, unknown>)
      : [];
  const found = new Map<unknown, ExportedPlugin>();
  for (const [key, candidate] of [...Object.entries(exported), ...inner]) {
    const mark = getPluginMark(candidate);
    if (mark === undefined || found.has(candidate)) continue;
    if (mark.api !== PLUGIN_API)
      throw new HarnessError('pluginApiMismatch', {
        name: mark.definition.name,
        package: name,
        found: mark.api,
        wanted: PLUGIN_API,
      });
    found.set(candidate, { mark, plugin: candidate as PluginClass, file, export: key });
  }
  return [...found.values()];
}

/** The plugins of a file, or of all code files under a folder. @throws RXB2001, RXB2003 */
export async function loadPluginsIn(
  path: string,
  name: string,
): Promise<readonly ExportedPlugin[]> {
  let files: readonly string[];
  try {
    files = await codeFiles(path);
  } catch (cause) {
    throw new HarnessError(
      'pluginNotLoaded',
      { package: name, problem: `${path} cannot be read (${getErrorMessage(cause)})` },
      { cause },
    );
  }
  const found: ExportedPlugin[] = [];
  for (const file of files) found.push(...(await loadPluginsFromFile(file, name)));
  return found;
}

import { resolve } from 'node:path';
import { cosmiconfig } from 'cosmiconfig';
import { getErrorMessage, HarnessError } from '../../core/errors.js';
import { importFile } from '../../core/plugin-files.js';
import { isObject } from '../../core/util/json.js';
import { PipelineError } from '../errors.js';

/** A config file and the object that it exports, unchecked. */
export interface ConfigFile {
  readonly file: string;
  readonly values: Readonly<Record<string, unknown>>;
}

const NOT_INSTALLED = /^Cannot find (module|package) 'routerxbench'/;

/** The default export of a module, or all exports where it has none. */
export async function importDefault(file: string): Promise<unknown> {
  const module = await importFile(file);
  return 'default' in module ? module['default'] : module;
}

const explorer = cosmiconfig('harness', {
  searchPlaces: ['ts', 'mts', 'js', 'mjs', 'cjs', 'json', 'yaml'].map(
    (extension) => `harness.config.${extension}`,
  ),
  loaders: { '.ts': importDefault, '.mts': importDefault },
  searchStrategy: 'global',
  cache: false,
});

/**
 * Loads `configFile`, or the config in `cwd` or the nearest folder above it.
 * @throws RXB1001 where there is none, RXB1002 where it cannot be loaded
 */
export async function findConfig(cwd: string, configFile: string | undefined): Promise<ConfigFile> {
  try {
    const found =
      configFile === undefined
        ? await explorer.search(cwd)
        : await explorer.load(resolve(cwd, configFile));
    if (found === null) throw new PipelineError('configNotFound', { folder: cwd });
    const values: unknown = found.isEmpty === true ? {} : found.config;
    if (isObject(values)) return { file: found.filepath, values };
    throw new PipelineError('configNotLoaded', {
      file: found.filepath,
      problem: 'it does not export an object',
    });
  } catch (cause) {
    if (cause instanceof HarnessError) throw cause;
    const problem = NOT_INSTALLED.test(getErrorMessage(cause))
      ? 'it imports routerxbench, which is not installed in its folder; run `npm install routerxbench` there.'
      : getErrorMessage(cause);
    throw new PipelineError(
      'configNotLoaded',
      { file: configFile ?? `(searched from ${cwd})`, problem },
      { cause },
    );
  }
}

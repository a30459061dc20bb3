import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { getErrorMessage, type HarnessError } from '../../core/errors.js';
import { isObject } from '../../core/util/json.js';
import { PipelineError } from '../errors.js';
import { importDefault, type ConfigFile } from './find-config.js';
import type { ConfigLayer } from './layers.js';

/** Presets are found in this package even where the project has not installed it. */
const PRESET = /^routerxbench\/presets\/[a-z-]+$/;

/**
 * The configs that a config extends, directly or through another one, the most basic one first.
 * @throws RXB3109 where one cannot be loaded or extends itself
 */
export async function loadExtended(
  { file, values }: ConfigFile,
  seen: readonly string[] = [file],
): Promise<readonly ConfigLayer[]> {
  const name = values['extends'];
  if (typeof name !== 'string') return []; // the schema reports anything else
  const invalid = (problem: string, cause?: unknown): HarnessError =>
    new PipelineError('invalidExtends', { name, file: basename(file), problem }, { cause });
  let path: string;
  let base: unknown;
  try {
    path = createRequire(PRESET.test(name) ? import.meta.url : file).resolve(name);
    base = seen.includes(path) ? undefined : await importDefault(path);
  } catch (cause) {
    throw invalid(getErrorMessage(cause), cause);
  }
  if (seen.includes(path)) throw invalid('it extends itself');
  if (!isObject(base)) throw invalid('it does not export an object');
  const below = await loadExtended({ file: path, values: base }, [...seen, path]);
  return [...below, { name, values: base }];
}

import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openRegular } from 'routerxbench/regular-file';
import type { ModelFolder } from './folder.js';
import type { OnnxOptions } from './options.js';

/** Increase it when this backend would give other results for the same folder and options. */
const REVISION = 1;

/**
 * Digests of files that this process has read, by path, size and modification time: weights can be
 * gigabytes.
 */
const digests = new Map<string, string>();

/**
 * SHA-256 (hex) of everything that decides a model's output: the bytes of its files and the options
 * that matter. Threads, workers and the batch size are excluded: they change results by
 * floating-point noise only.
 */
export async function fingerprint(
  folder: Pick<ModelFolder, 'path' | 'files'>,
  options: OnnxOptions,
): Promise<string> {
  const hash = createHash('sha256');
  const { device, maxPromptTokens, system, chatTemplate, templateArguments, hiddenStates } =
    options;
  hash.update(
    JSON.stringify([
      REVISION,
      { device, maxPromptTokens, system, chatTemplate, templateArguments, hiddenStates },
    ]),
  );
  for (const name of [...folder.files].sort())
    hash.update(`\n${name} ${await digest(join(folder.path, name))}`);
  return hash.digest('hex');
}

/** SHA-256 (hex) of a file. */
export async function digest(path: string): Promise<string> {
  const { size, mtimeMs } = statSync(path);
  const key = `${path}|${size}|${mtimeMs}`;
  const known = digests.get(key);
  if (known !== undefined) return known;
  const hash = createHash('sha256');
  await pipeline((await openRegular(path)).createReadStream(), hash);
  const value = hash.digest('hex');
  digests.set(key, value);
  return value;
}

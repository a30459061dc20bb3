import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { FuzzTarget } from './target.js';

const FOLDER = fileURLToPath(new URL('./targets/', import.meta.url));

/** The targets of a folder by name, with the compiled file of each. */
export async function findTargets(
  folder = FOLDER,
): Promise<ReadonlyMap<string, { readonly file: string; readonly summary: string }>> {
  const found = new Map<string, { readonly file: string; readonly summary: string }>();
  for (const name of (await readdir(folder)).sort()) {
    if (!name.endsWith('.js')) continue;
    const file = join(folder, name);
    const { target } = (await import(pathToFileURL(file).href)) as { readonly target?: FuzzTarget };
    if (target !== undefined) found.set(basename(name, '.js'), { file, summary: target.summary });
  }
  return found;
}

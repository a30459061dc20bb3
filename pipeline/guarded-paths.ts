/** What of a project no third-party router may see. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ResolvedConfig } from '../core/config-schema.js';
import type { GuardedPath } from '../sandbox/settings.js';

/** Options that name plugins, which may be called like the folders that they are in. */
const NAMES = new Set(['use', 'as', 'scorer', 'group']);

/** Every text in some options that could name a file. */
const listTexts = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    NAMES.has(name) ? [] : listTexts(member),
  );
};

/**
 * Results, cached answers, local copies of datasets, and every file that the options of a dataset
 * name.
 */
export function listGuardedPaths(
  { results, cache, dataDir, datasets }: ResolvedConfig,
  folder: string,
): readonly GuardedPath[] {
  const dataDirs = [dataDir].flat().map((path) => resolve(folder, path));
  const entries = [...datasets.inDomain, ...datasets.outOfDomain].map((entry) =>
    typeof entry === 'string' ? { use: entry } : entry,
  );
  const named = entries.flatMap(({ use, ...entry }) =>
    [...new Set(listTexts(entry))]
      .flatMap((text) => [...new Set([folder, ...dataDirs])].map((base) => resolve(base, text)))
      .filter((path) => path !== folder && !path.includes('\0') && existsSync(path))
      .map((path) => ({ path, what: `a file of the dataset ${use}` })),
  );
  return [
    { path: resolve(folder, results), what: 'the results' },
    ...(cache === undefined ? [] : [{ path: resolve(folder, cache), what: 'the answer cache' }]),
    ...dataDirs
      .filter((path) => path !== folder)
      .map((path) => ({ path, what: 'the data of datasets' })),
    ...named,
  ];
}

/** What of a project no third-party router may see. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ResolvedConfig } from '../core/config-schema.js';
import { isObject } from '../core/util/json.js';
import type { GuardedPath } from '../sandbox/settings.js';

/** Every text in some options. */
const listTexts = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(listTexts) : [];
};

/** Of scorers, what can name a file: their own names are often those of the folders they are in. */
const withoutNames = (scorer: unknown): readonly unknown[] =>
  [scorer].flat().map((entry) => {
    if (isObject(entry)) return { ...entry, use: null };
    return typeof entry === 'string' && /^[\w-]+$/.test(entry) ? null : entry;
  });

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
  const named = entries.flatMap(({ use, scorer, options, ...entry }) => {
    const ofOptions = { ...options, scorer: withoutNames(options?.['scorer']) };
    return [...new Set(listTexts([ofOptions, withoutNames(scorer), entry]))]
      .flatMap((text) => [...new Set([folder, ...dataDirs])].map((base) => resolve(base, text)))
      .filter((path) => path !== folder && !path.includes('\0') && existsSync(path))
      .map((path) => ({ path, what: `a file of the dataset ${use}` }));
  });
  return [
    { path: resolve(folder, results), what: 'the results' },
    ...(cache === undefined ? [] : [{ path: resolve(folder, cache), what: 'the answer cache' }]),
    ...dataDirs
      .filter((path) => path !== folder)
      .map((path) => ({ path, what: 'the data of datasets' })),
    ...named,
  ];
}

import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CORE_ERRORS } from '../../core/error-catalogue.js';
import type { ErrorCatalogue, ErrorEntry } from '../../core/error-entry.js';

/** An error catalogue and the folder that owns it. */
export interface KnownError extends ErrorEntry {
  readonly kind: string;
  readonly owner: string;
}

const FOLDERS = ['core', 'sandbox', 'storage', 'analysis', 'pipeline', 'cli', 'plugins'];

async function catalogueFiles(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of FOLDERS)
    for (const name of await readdir(join('dist', folder), { recursive: true }))
      if (/(^|\/)_?errors\.js$/.test(name)) found.push(join(folder, name));
  return found.sort();
}

/** All errors of the harness and its plugins, by code. */
export async function allErrors(): Promise<readonly KnownError[]> {
  const all: KnownError[] = [];
  const add = (owner: string, catalogue: ErrorCatalogue): void => {
    for (const [kind, entry] of Object.entries(catalogue)) all.push({ ...entry, kind, owner });
  };
  add('core', CORE_ERRORS);
  for (const file of await catalogueFiles()) {
    const exported = (await import(pathToFileURL(resolve('dist', file)).href)) as object;
    for (const value of Object.values(exported) as { readonly catalogue?: ErrorCatalogue }[])
      if (value.catalogue !== undefined) add(file.replace(/\/_?errors\.js$/, ''), value.catalogue);
  }
  return all.sort((a, b) => (a.code < b.code ? -1 : 1));
}

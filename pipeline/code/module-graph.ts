/**
 * The files that a module of the project loads: modules that it imports from files, and files that
 * it names by a path, such as `new URL('./weights.json', import.meta.url)`.
 */
import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { isFile } from './files.js';

/** A relative path between quotes. One in a comment adds a file, which does no harm. */
const RELATIVE = /(["'`])(\.{1,2}\/[^"'`\n\\$]+)\1/g;
const CODE = /\.[cm]?[jt]sx?$/;
const EXTENSIONS = ['', '.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json', '.tsx', '.jsx'];

/** Where a module named like this may be: TypeScript names its files by what they become. */
const listCandidates = (path: string): readonly string[] => [
  ...EXTENSIONS.map((extension) => `${path}${extension}`),
  ...(/\.[cm]?jsx?$/.test(path) ? [path.replace(/js(x?)$/, 'ts$1')] : []),
  ...EXTENSIONS.slice(1).map((extension) => resolve(path, `index${extension}`)),
];

async function findModule(path: string): Promise<string | undefined> {
  for (const candidate of listCandidates(path)) if (await isFile(candidate)) return candidate;
  return undefined;
}

/** All files that the given ones lead to, themselves included. */
export async function listModuleGraph(files: readonly string[]): Promise<readonly string[]> {
  const found = new Set(files);
  for (const file of found) {
    if (!CODE.test(extname(file))) continue;
    const text = await readFile(file, 'utf8');
    for (const [, , path = ''] of text.matchAll(RELATIVE)) {
      const module = await findModule(resolve(dirname(file), path));
      if (module !== undefined) found.add(module);
    }
  }
  return [...found];
}

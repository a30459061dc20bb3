/** Files of code, and the hash of their content. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import pMap from 'p-map';
import { Sha256 } from '../util/sha256.js';

/** Folders that hold no code of a package; hidden ones hold none either. */
const SKIPPED = new Set(['node_modules']);

/** All files in a folder, subfolders too, or the file itself; `except` are folders to leave out. */
export async function listFiles(
  path: string,
  except: readonly string[] = [],
): Promise<readonly string[]> {
  if ((await stat(path)).isFile()) return [path];
  const files: string[] = [];
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const full = join(path, entry.name);
    if (entry.name.startsWith('.') || SKIPPED.has(entry.name) || except.includes(full)) continue;
    if (entry.isDirectory()) files.push(...(await listFiles(full, except)));
    else if (entry.isFile()) files.push(full);
    else if (entry.isSymbolicLink() && (await isFile(full))) files.push(full);
  }
  return files;
}

/** Whether a path is a file, or a link to one. */
export const isFile = async (path: string): Promise<boolean> =>
  await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

const digestFile = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash); // weights may be large
  return hash.digest('hex');
};

/** Hash of the names, relative to a folder, and the content of files, in any order. */
export async function hashFiles(files: readonly string[], folder: string): Promise<string> {
  const names = new Map(files.map((file) => [relative(folder, file).split(sep).join('/'), file]));
  const hash = new Sha256();
  const sorted = [...names].sort(([a], [b]) => (a < b ? -1 : 1));
  const digests = await pMap(sorted, async ([, file]) => await digestFile(file), {
    concurrency: 16,
  });
  sorted.forEach(([name], i) => hash.add(name, digests[i] as string));
  return hash.digest();
}

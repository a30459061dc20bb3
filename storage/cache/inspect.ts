/** Inspects and prunes the whole answer cache. */
import type { Dirent } from 'node:fs';
import { readdir, rmdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { kill, pid } from 'node:process';
import { writeAtomic } from '../atomic.js';
import { isSealed, listSegments, MODEL_FOLDER } from './cache-names.js';
import { callKey, type CallParts } from './call-key.js';
import { parseEntry, type CacheEntry } from './entry.js';
import { segmentLines } from './segment.js';
import { StorageError } from '../errors.js';
import { findForeignReply, MARKER } from '../owned-folder.js';

/** What the cache contains for one model. */
export interface CacheModel {
  /** First digits of the fingerprint: the name of its folder. */
  readonly id: string;
  /** Names under which it replied. */
  readonly models: readonly string[];
  readonly entries: number;
  /** Damaged lines: the calls are made again, and `pruneCache` removes them. */
  readonly damaged: number;
  readonly bytes: number;
  readonly first: string | null;
  readonly last: string | null;
}

/** Every line of a model's folder, oldest segment first; a damaged one has no entry. */
async function* readLines(folder: string): AsyncGenerator<{
  readonly segment: string;
  readonly entry: CacheEntry | undefined;
  readonly line: string;
}> {
  for (const segment of await listSegments(folder)) {
    for await (const { bytes } of segmentLines(join(folder, segment))) {
      const entry = parseEntry(bytes, isSealed(segment));
      yield { segment, line: bytes.toString('utf8'), entry };
    }
  }
}

const readFolder = async (folder: string): Promise<readonly Dirent[]> =>
  await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });

const listModelFolders = async (root: string): Promise<readonly string[]> =>
  (await readFolder(root))
    .filter((item) => item.isDirectory() && MODEL_FOLDER.test(item.name))
    .map(({ name }) => name)
    .sort();

/** Refuses to remove anything from a folder that holds more than replies. */
async function requireCache(root: string): Promise<void> {
  const foreign = await findForeignReply(root);
  if (foreign !== undefined) throw new StorageError('notACache', { folder: root, foreign });
}

/** The models in the cache. */
export async function listCache(root: string): Promise<readonly CacheModel[]> {
  const found: CacheModel[] = [];
  for (const id of await listModelFolders(root)) {
    const folder = join(root, id);
    const models = new Set<string>();
    let [entries, damaged] = [0, 0];
    let [first, last]: [string | null, string | null] = [null, null];
    for await (const { entry } of readLines(folder)) {
      if (entry === undefined) {
        damaged++;
        continue;
      }
      entries++;
      if (entry.call !== null) models.add(entry.call.servedModel ?? entry.call.requestedModel);
      if (first === null || entry.at < first) first = entry.at;
      if (last === null || entry.at > last) last = entry.at;
    }
    const sizes = await Promise.all(
      (await listSegments(folder)).map(async (name) => (await stat(join(folder, name))).size),
    );
    found.push({
      id,
      models: [...models].sort(),
      entries,
      damaged,
      bytes: sizes.reduce((sum, size) => sum + size, 0),
      first,
      last,
    });
  }
  return found;
}

/** Why a call is, or is not, in the cache. */
export interface Explanation {
  readonly key: string;
  readonly found: CacheEntry | null;
  /** Entries of the same prompt, and which other members differ. */
  readonly near: readonly {
    readonly at: string;
    readonly differs: readonly string[];
    readonly parts: CallParts;
  }[];
}

/** Looks up a call, and all other calls with the same prompt. */
export async function explainCall(root: string, parts: CallParts): Promise<Explanation> {
  const key = callKey(parts);
  let found: CacheEntry | null = null;
  const near: { at: string; differs: string[]; parts: CallParts }[] = [];
  for (const id of await listModelFolders(root)) {
    for await (const { entry } of readLines(join(root, id))) {
      if (entry === undefined) continue;
      if (entry.key === key) found = entry;
      else if (entry.prompt === parts.prompt) {
        const differs = [
          ...(entry.model === parts.model ? [] : ['model']),
          ...(entry.method === parts.method ? [] : ['method']),
          ...[...new Set([...Object.keys(entry.settings), ...Object.keys(parts.settings)])].filter(
            (name) => JSON.stringify(entry.settings[name]) !== JSON.stringify(parts.settings[name]),
          ),
        ];
        near.push({
          at: entry.at,
          differs,
          parts: {
            model: entry.model,
            method: entry.method,
            prompt: entry.prompt,
            settings: entry.settings,
          },
        });
      }
    }
  }
  return { key, found, near };
}

/** Whether the process that writes a segment still runs; the segment's name contains its id. */
const isOpen = (segment: string): boolean => {
  const writer = Number(/Z-(\d+)-\d+(?:\.sums)?\.jsonl$/.exec(segment)?.[1] ?? NaN);
  if (!Number.isSafeInteger(writer) || writer === pid) return false;
  try {
    return kill(writer, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/**
 * Removes entries older than a day, or of models whose folder name does not begin with the given
 * text, duplicates and damaged lines. Segments that are being written are left alone.
 * @throws StorageError notACache
 */
export async function pruneCache(
  root: string,
  {
    before,
    keep,
    dryRun = false,
  }: {
    readonly before?: string | undefined;
    readonly keep?: (id: string) => boolean;
    /** Only count. */
    readonly dryRun?: boolean;
  },
): Promise<{ readonly removed: number; readonly kept: number }> {
  await requireCache(root);
  let [removed, kept] = [0, 0];
  for (const id of await listModelFolders(root)) {
    const folder = join(root, id);
    const seen = new Set<string>();
    const lines = new Map<string, string[]>();
    for (const segment of await listSegments(folder)) lines.set(segment, []);
    let folderRemoved = 0;
    for await (const { segment, entry, line } of readLines(folder)) {
      const goes =
        !isOpen(segment) &&
        (entry === undefined ||
          seen.has(entry.key) ||
          (before !== undefined && entry.at < before) ||
          (keep !== undefined && !keep(id)));
      if (entry !== undefined) seen.add(entry.key);
      if (goes) folderRemoved++;
      else lines.get(segment)?.push(line);
      kept += goes ? 0 : 1;
    }
    removed += folderRemoved;
    if (folderRemoved === 0 || dryRun) continue;
    for (const [segment, left] of lines) {
      if (isOpen(segment)) continue;
      if (left.length === 0) await unlink(join(folder, segment));
      else await writeAtomic(join(folder, segment), left.map((line) => `${line}\n`).join(''));
    }
  }
  return { removed, kept };
}

/**
 * Removes the whole cache: its own files one by one, and the folders where they are empty then.
 * @throws StorageError notACache
 */
export async function clearCache(root: string): Promise<void> {
  await requireCache(root);
  for (const id of await listModelFolders(root)) {
    const folder = join(root, id);
    const partial = (await readFolder(folder)).filter((item) => item.name.endsWith('.tmp'));
    for (const name of [...(await listSegments(folder)), ...partial.map(({ name }) => name)])
      await unlink(join(folder, name));
    await rmdir(folder).catch(() => undefined);
  }
  await unlink(join(root, MARKER)).catch(() => undefined);
  // a folder that holds something else, such as .gitignore, stays
  await rmdir(root).catch(() => undefined);
}

import { readdir, readFile, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Artifact } from './artifact.js';

const keySchema = z.object({ origin: z.string(), key: z.unknown(), code: z.unknown() });

/** Folders of artifacts are called by their hash, or by that of what made a fine-tuned model. */
const ARTIFACT = /^[0-9a-f]{24,64}$/;
/** Files of an artifact: shards, why rows of them failed, what made it, weights and their state. */
const OWN_FILE = /\.(json|jsonl|safetensors|txt|tmp)$/;

/** What an artifact says of itself; undefined for one without shards, which contains nothing. */
async function readKey(folder: string): Promise<z.output<typeof keySchema> | undefined> {
  try {
    return keySchema.parse(JSON.parse(await readFile(join(folder, 'key.json'), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Removes the files of an artifact, the key last, and its folder if nothing else is in it. */
async function removeArtifact(folder: string): Promise<void> {
  const items = await readdir(folder, { withFileTypes: true });
  const files = items.filter((item) => item.isFile() && OWN_FILE.test(item.name));
  const names = files.map(({ name }) => name).filter((name) => name !== 'key.json');
  for (const name of [...names, 'key.json']) await unlink(join(folder, name));
  await rmdir(folder).catch(() => undefined);
}

/**
 * Removes every artifact that was computed from this one, and everything computed from those: their
 * keys contain it, and it is about to change. Returns how many were removed. No link in the folder
 * of a kind is followed.
 */
export async function removeDependents(
  results: string,
  { origin, hash }: Pick<Artifact, 'origin' | 'hash'>,
): Promise<number> {
  const root = join(results, 'artifacts');
  let removed = 0;
  for (const kind of await readdir(root).catch(() => [])) {
    const items = await readdir(join(root, kind), { withFileTypes: true }).catch(() => []);
    for (const { name } of items.filter((item) => item.isDirectory() && ARTIFACT.test(item.name))) {
      const folder = join(root, kind, name);
      const described = await readKey(folder);
      if (described === undefined) continue;
      const madeFrom = JSON.stringify([described.key, described.code]);
      if (!madeFrom.includes(`"${origin}"`) && !madeFrom.includes(`"${hash}"`)) continue;
      await removeArtifact(folder);
      const { origin: ofOther } = described;
      removed += 1 + (await removeDependents(results, { origin: ofOther, hash: name }));
    }
  }
  return removed;
}

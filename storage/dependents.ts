import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Artifact } from './artifact.js';

const keySchema = z.object({ origin: z.string(), key: z.unknown(), code: z.unknown() });

/** What an artifact says of itself; undefined for one without shards, which contains nothing. */
async function readKey(folder: string): Promise<z.output<typeof keySchema> | undefined> {
  try {
    return keySchema.parse(JSON.parse(await readFile(join(folder, 'key.json'), 'utf8')));
  } catch {
    return undefined;
  }
}

/**
 * Removes every artifact that was computed from this one, and everything computed from those: their
 * keys contain it, and it is about to change. Returns how many were removed.
 */
export async function removeDependents(
  results: string,
  { origin, hash }: Pick<Artifact, 'origin' | 'hash'>,
): Promise<number> {
  const root = join(results, 'artifacts');
  let removed = 0;
  for (const kind of await readdir(root).catch(() => [])) {
    for (const name of await readdir(join(root, kind)).catch(() => [])) {
      const folder = join(root, kind, name);
      const described = await readKey(folder);
      if (described === undefined) continue;
      const madeFrom = JSON.stringify([described.key, described.code]);
      if (!madeFrom.includes(`"${origin}"`) && !madeFrom.includes(`"${hash}"`)) continue;
      await rm(folder, { recursive: true, force: true });
      const { origin: ofOther } = described;
      removed += 1 + (await removeDependents(results, { origin: ofOther, hash: name }));
    }
  }
  return removed;
}

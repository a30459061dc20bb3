import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Removes every artifact that was computed from this one, and everything computed from those: their
 * keys contain it, and it is about to change. Returns how many were removed.
 */
export async function removeDependents(results: string, hash: string): Promise<number> {
  const root = join(results, 'artifacts');
  let removed = 0;
  for (const kind of await readdir(root).catch(() => [])) {
    for (const other of await readdir(join(root, kind))) {
      if (other === hash) continue;
      // an artifact without shards has none, and contains nothing
      const key = await readFile(join(root, kind, other, 'key.json'), 'utf8').catch(() => '');
      if (!key.includes(`"${hash}"`)) continue;
      await rm(join(root, kind, other), { recursive: true, force: true });
      removed += 1 + (await removeDependents(results, other));
    }
  }
  return removed;
}

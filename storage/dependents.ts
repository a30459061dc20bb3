import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Removes every artifact that was made from this one, and what was made from those: their keys name
 * it, and it is about to change.
 * Gives how many were removed.
 */
export async function removeDependents(results: string, hash: string): Promise<number> {
  const root = join(results, 'artifacts');
  let removed = 0;
  for (const kind of await readdir(root).catch(() => [])) {
    for (const other of await readdir(join(root, kind))) {
      if (other === hash) continue;
      // a folder that is only begun has none, and nothing in it
      const key = await readFile(join(root, kind, other, 'key.json'), 'utf8').catch(() => '');
      if (!key.includes(`"${hash}"`)) continue;
      await rm(join(root, kind, other), { recursive: true, force: true });
      removed += 1 + (await removeDependents(results, other));
    }
  }
  return removed;
}

import { readdir, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Files of a result: the result, and its rows for each training seed. */
const RESULT_FILE = /^(?<dataset>.+?)(\.seed--?\d+)?(\.rows\.jsonl|\.json)$/;

/** Results by router and dataset. */
interface Kept {
  readonly router: string;
  readonly dataset: string;
}

/**
 * Removes from the folder of a run the results that are not among those kept: of routers and sets
 * that the config no longer has, or of routers that failed. Nothing else in it is touched, and
 * nothing behind a link.
 */
export async function removeOtherResults(folder: string, kept: readonly Kept[]): Promise<void> {
  const keep = new Set(kept.map(({ router, dataset }) => `${router}/${dataset}`));
  const routers = (await readdir(folder, { withFileTypes: true })).filter((item) =>
    item.isDirectory(),
  );
  for (const { name: router } of routers) {
    const at = join(folder, router);
    const files = (await readdir(at, { withFileTypes: true })).filter((item) => item.isFile());
    for (const { name: file } of files) {
      const dataset = RESULT_FILE.exec(file)?.groups?.['dataset'];
      if (dataset !== undefined && !keep.has(`${router}/${dataset}`)) await unlink(join(at, file));
    }
    await rmdir(at).catch(() => undefined); // where something else is in it, it stays
  }
}

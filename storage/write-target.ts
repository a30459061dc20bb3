/** What is at a path that is to be written. */
import type { Stats } from 'node:fs';
import { lstat, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** Where the bytes go. */
export interface WriteTarget {
  /** The path behind symbolic links. */
  readonly path: string;
  /** Whether it is a character device, such as /dev/null: written to, never replaced. */
  readonly device: boolean;
}

/** As many links as Linux follows. */
const MOST_LINKS = 40;

const isMissing = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';

/** The path with the links of its folder followed; unchanged where the folder does not exist. */
async function withRealFolder(path: string): Promise<string> {
  try {
    return join(await realpath(dirname(path)), basename(path));
  } catch (cause) {
    if (isMissing(cause)) return path;
    throw cause;
  }
}

/** Why something that is neither a file nor a character device cannot be written. */
function describeObstacle(stats: Stats): string {
  if (stats.isDirectory()) return 'it is a folder';
  if (stats.isFIFO()) return 'it is a pipe; only files can be written';
  if (stats.isSocket()) return 'it is a socket; only files can be written';
  return 'it is a block device; only files can be written';
}

/**
 * Follows the symbolic links of a path, the last one included, to what they lead to: a regular
 * file, nothing yet, or a character device. @throws Error for anything else, such as a folder, a
 * pipe, or a link to an open file (/dev/stdout)
 */
export async function findWriteTarget(file: string): Promise<WriteTarget> {
  let path = resolve(file);
  for (let links = 0; links < MOST_LINKS; links++) {
    path = await withRealFolder(path);
    const stats = await lstat(path).catch((cause: unknown) => {
      if (isMissing(cause)) return null;
      throw cause;
    });
    if (stats === null || stats.isFile()) return { path, device: false };
    if (stats.isCharacterDevice()) return { path, device: true };
    if (!stats.isSymbolicLink()) throw new Error(describeObstacle(stats));
    if (path.startsWith('/proc/'))
      throw new Error('it stands for an open file of a process; only files can be written');
    path = resolve(dirname(path), await readlink(path));
  }
  throw new Error('too many symbolic links');
}

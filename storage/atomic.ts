import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pid } from 'node:process';
import { getErrorMessage } from '../core/errors.js';
import { StorageError } from './errors.js';

let count = 0;

/**
 * Files under a temporary name end so; a killed process may leave one behind, and nobody reads it.
 */
export const TEMPORARY = '.tmp';

/**
 * Writes a whole file: temporary name, every byte, fsync, rename. A reader sees the old file or the
 * new one, never a part.
 * (The package write-file-atomic does not look at how many bytes a write took, and renames a short
 * file when the disk fills up.)
 */
export async function writeAtomic(file: string, data: string | Uint8Array): Promise<void> {
  const temporary = `${file}.${pid}-${count++}${TEMPORARY}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(data); // goes on after short writes
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (cause) {
    // the first error is the one to tell
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new StorageError('writeFailed', { file, problem: getErrorMessage(cause) }, { cause });
  }
}

import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pid } from 'node:process';
import { getErrorMessage } from '../core/errors.js';
import { StorageError } from './errors.js';

let count = 0;

/**
 * Suffix of temporary files; a killed process may leave one behind, and nobody reads it.
 * @internal Exported for its tests.
 */
export const TEMPORARY = '.tmp';

/**
 * Writes a whole file: temporary name, all bytes, fsync, rename. A reader sees the old file or the
 * new one, never a part. (The package write-file-atomic does not check how many bytes a write took,
 * and renames a truncated file when the disk is full.)
 */
export async function writeAtomic(file: string, data: string | Uint8Array): Promise<void> {
  const temporary = `${file}.${pid}-${count++}${TEMPORARY}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(data); // continues after short writes
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (cause) {
    // report the first error
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new StorageError('writeFailed', { file, problem: getErrorMessage(cause) }, { cause });
  }
}

import { open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pid } from 'node:process';
import { getErrorMessage } from '../core/errors.js';
import { StorageError } from './errors.js';
import { makeFolder } from './make-folder.js';
import { redact } from './secrets/redact.js';
import { findWriteTarget } from './write-target.js';

/** The bytes of a file, or its text, whole or in parts. */
type FileData = string | Uint8Array | Iterable<string | Uint8Array>;

let count = 0;

/**
 * Suffix of temporary files; a killed process may leave one behind, and nobody reads it.
 * @internal Exported for its tests.
 */
export const TEMPORARY = '.tmp';

/** Texts without secrets; bytes are tensors, or copies of files. */
function withoutSecrets(data: FileData): FileData {
  if (typeof data === 'string') return redact(data);
  return data instanceof Uint8Array ? data : redactParts(data);
}

function* redactParts(parts: Iterable<string | Uint8Array>): Generator<string | Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? redact(part) : part;
}

/** Writes to a temporary file, and gives it the name of `path`. */
async function replaceFile(path: string, data: FileData): Promise<void> {
  const temporary = `${path}.${pid}-${count++}${TEMPORARY}`;
  try {
    const handle = await open(temporary, 'wx');
    try {
      await writeFile(handle, data); // continues after short writes
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    // report the first error
    await rm(temporary, { force: true }).catch(() => undefined);
    throw cause;
  }
}

/**
 * Writes a whole file: temporary name, all bytes, fsync, rename. A reader sees the old file or the
 * new one, never a part. A symbolic link is kept: what it leads to is written. A character device,
 * such as /dev/null, is written to and never replaced. (The package write-file-atomic does not
 * check how many bytes a write took, and renames a truncated file when the disk is full.) Secrets
 * of this process are removed from texts; the parts of one are lines.
 */
export async function writeAtomic(file: string, data: FileData): Promise<void> {
  try {
    const { path, device } = await findWriteTarget(file);
    await makeFolder(dirname(path));
    const clean = withoutSecrets(data);
    await (device ? writeFile(path, clean) : replaceFile(path, clean));
  } catch (cause) {
    throw new StorageError('writeFailed', { file, problem: getErrorMessage(cause) }, { cause });
  }
}

/** Files that reporters and commands write. */
import { appendFile } from 'node:fs/promises';
import { getErrorMessage } from '../../core/errors.js';
import { writeAtomic } from '../atomic.js';
import { redact } from '../secrets/redact.js';
import { StorageError } from '../errors.js';
import { findWriteTarget } from '../write-target.js';

/** Writes a whole report or nothing. */
export const writeReport = async (file: string, text: string): Promise<void> =>
  await writeAtomic(file, text);

/**
 * Adds to a file that other programs read, such as the summary of a GitHub job; as for whole files,
 * links are followed, and pipes and folders are refused.
 */
export async function appendReport(file: string, text: string): Promise<void> {
  try {
    const { path } = await findWriteTarget(file);
    await appendFile(path, redact(text));
  } catch (cause) {
    throw new StorageError('writeFailed', { file, problem: getErrorMessage(cause) }, { cause });
  }
}

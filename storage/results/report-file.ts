/** Reports that a command leaves where it is told. */
import { appendFile } from 'node:fs/promises';
import { getErrorMessage } from '../../core/errors.js';
import { writeAtomic } from '../atomic.js';
import { StorageError } from '../errors.js';

/** Writes a report. */
export const writeReport = async (file: string, text: string): Promise<void> =>
  await writeAtomic(file, text);

/** Adds to the summary of a GitHub job, which is a file that steps append to. */
export async function appendReport(file: string, text: string): Promise<void> {
  await appendFile(file, text).catch((cause: unknown) =>
    Promise.reject(
      new StorageError('writeFailed', { file, problem: getErrorMessage(cause) }, { cause }),
    ),
  );
}

import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { HarnessError, messageOf } from '../errors.js';

/** Writes a whole file: temporary name, fsync, rename. A reader sees the old file or the new one, never a part. */
export async function writeAtomic(file: string, data: string | Uint8Array): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFileAtomic(file, typeof data === 'string' ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  } catch (cause) {
    throw new HarnessError('RXB5002', { file, problem: messageOf(cause) }, { cause });
  }
}

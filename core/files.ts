/** The disk as plugins may use it. */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { HarnessError, messageOf } from './errors.js';
import type { Files } from './tokens.js';

const unreadable = (file: string, cause: unknown): HarnessError => new HarnessError('RXB3007', { file, problem: messageOf(cause) }, { cause });

/** {@link Files} whose relative paths start at `folder`. */
export function filesAt(folder: string): Files {
  const at = (path: string): string => resolve(folder, path);
  return {
    resolve: at,
    async *lines(path) {
      const stream = createReadStream(at(path), 'utf8');
      try {
        yield* createInterface({ input: stream, crlfDelay: Infinity });
      } catch (cause) {
        throw unreadable(path, cause);
      } finally {
        stream.destroy();
      }
    },
    bytes: async (path) => await readFile(at(path)).catch((cause: unknown) => Promise.reject(unreadable(path, cause))),
  };
}

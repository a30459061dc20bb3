/** Text files, line by line. */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { HarnessError, getErrorMessage } from '../core/errors.js';
import { StorageError } from './errors.js';

/** The error for a file that cannot be read. */
export const unreadable = (file: string, cause: unknown): HarnessError =>
  new StorageError('unreadableFile', { file, problem: getErrorMessage(cause) }, { cause });

const NEWLINE = 10;

/** The error for the first line that is not UTF-8; `before` lines came before these bytes. */
function brokenByte(file: string, before: number, bytes: Buffer): HarnessError {
  let line = before + 1;
  for (let from = 0; ; line++) {
    const to = bytes.indexOf(NEWLINE, from);
    if (to < 0 || !isUtf8(bytes.subarray(from, to))) break;
    from = to + 1;
  }
  return new StorageError('invalidUtf8', { file, line });
}

/**
 * The lines of a file, which errors call `name`. Complete lines are decoded together: no character
 * is ever split.
 */
export async function* readLines(path: string, name: string): AsyncGenerator<string> {
  const stream = createReadStream(path, { highWaterMark: 1 << 18 });
  let rest: Buffer = Buffer.alloc(0);
  let lines = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const end = chunk.lastIndexOf(NEWLINE);
      if (end < 0) {
        rest = Buffer.concat([rest, chunk]);
        continue;
      }
      const whole =
        rest.length === 0 ? chunk.subarray(0, end) : Buffer.concat([rest, chunk.subarray(0, end)]);
      rest = Buffer.from(chunk.subarray(end + 1));
      if (!isUtf8(whole)) throw brokenByte(name, lines, whole);
      for (const line of whole.toString('utf8').split('\n')) yield tidy(line, lines++);
    }
    if (!isUtf8(rest)) throw brokenByte(name, lines, rest);
    if (rest.length > 0) yield tidy(rest.toString('utf8'), lines);
  } catch (cause) {
    throw cause instanceof HarnessError ? cause : unreadable(name, cause);
  } finally {
    stream.destroy();
  }
}

/** Removes a byte order mark at the start of the file and the carriage return of Windows. */
function tidy(line: string, lineNumber: number): string {
  const text = lineNumber === 0 && line.startsWith('\ufeff') ? line.slice(1) : line;
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

/** Text files, line by line. */
import { isUtf8 } from 'node:buffer';
import { HarnessError, getErrorMessage } from '../core/errors.js';
import { StorageError } from './errors.js';
import { openRegular } from './regular-file.js';

/** The error for a file that cannot be read. */
export const unreadable = (file: string, cause: unknown): HarnessError =>
  new StorageError('unreadableFile', { file, problem: getErrorMessage(cause) }, { cause });

const NEWLINE = 10;
/** The longest line that is read: a file without an end of line is not what it should be. */
const MOST_LINE_BYTES = 2 ** 28;

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
  const file = await openRegular(path).catch((cause: unknown) =>
    Promise.reject(unreadable(name, cause)),
  );
  const stream = file.createReadStream({ highWaterMark: 1 << 18 });
  let rest: Buffer[] = [];
  let restBytes = 0;
  let lines = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const end = chunk.lastIndexOf(NEWLINE);
      if (end < 0) {
        rest.push(chunk);
        restBytes += chunk.length;
        if (restBytes > MOST_LINE_BYTES)
          throw new Error(`line ${lines + 1} has more than ${MOST_LINE_BYTES} bytes`);
        continue;
      }
      const first = chunk.subarray(0, end);
      const whole = rest.length === 0 ? first : Buffer.concat([...rest, first]);
      rest = [Buffer.from(chunk.subarray(end + 1))];
      restBytes = chunk.length - end - 1;
      if (!isUtf8(whole)) throw brokenByte(name, lines, whole);
      for (const line of whole.toString('utf8').split('\n')) yield tidy(line, lines++);
    }
    const last = Buffer.concat(rest);
    if (!isUtf8(last)) throw brokenByte(name, lines, last);
    if (last.length > 0) yield tidy(last.toString('utf8'), lines);
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

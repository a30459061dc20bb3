/** Access to files for plugins. */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Fetcher, type Sources } from './download/fetcher.js';
import { huggingFace } from './download/http.js';
import { HarnessError, getErrorMessage } from '../core/errors.js';
import type { Files } from '../core/tokens.js';
import { StorageError } from './errors.js';

const unreadable = (file: string, cause: unknown): HarnessError =>
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

async function readBytes(path: string, from: number, to: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array(to - from);
    for (let offset = 0; offset < bytes.length;) {
      const { bytesRead } = await file.read(bytes, offset, bytes.length - offset, from + offset);
      if (bytesRead === 0) throw new Error(`it ends before byte ${to}`);
      offset += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

/** Downloads nothing: for plugins that are tried outside a project. */
const NOWHERE: Sources = { dataDirs: [], cache: '.', env: {}, offline: true };

/** {@link Files} whose relative paths are resolved against `folder`. */
export function filesAt(folder: string, sources: Sources = NOWHERE): Files {
  const fetcher = new Fetcher(sources);
  const resolvePath = (path: string): string => resolve(folder, path);
  const readable = async <T>(path: string, reading: Promise<T>): Promise<T> =>
    await reading.catch((cause: unknown) => Promise.reject(unreadable(path, cause)));
  return {
    resolve: resolvePath,
    lines: (path) => readLines(resolvePath(path), path),
    bytes: async (path, from, to) =>
      await readable(
        path,
        from === undefined || to === undefined
          ? readFile(resolvePath(path))
          : readBytes(resolvePath(path), from, to),
      ),
    size: async (path) =>
      await readable(
        path,
        stat(resolvePath(path)).then(({ size }) => size),
      ),
    fetch: async (file) => await fetcher.fetch(file),
    huggingFaceUrl: (repository, revision, path) =>
      `${huggingFace(sources.env)}/datasets/${repository}/resolve/${revision}/${path}`,
  };
}

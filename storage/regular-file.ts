/**
 * Opens files whose paths come from a config, a manifest or a download. Only regular files are
 * opened, and links to them: a pipe would wait for ever, and a device has no end.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** Opening a pipe for reading does not wait for a writer. Windows has no such flag. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** What something is that is not a regular file. */
function describeKind(stats: Stats): string {
  if (stats.isDirectory()) return 'it is a folder';
  if (stats.isFIFO()) return 'it is a pipe; only regular files are read';
  if (stats.isSocket()) return 'it is a socket; only regular files are read';
  return 'it is a device; only regular files are read';
}

/** The system's error for a socket is about a device. */
const refused = (cause: unknown): unknown =>
  cause instanceof Error && 'code' in cause && cause.code === 'ENXIO'
    ? new Error('it is a socket or a device; only regular files are read', { cause })
    : cause;

/**
 * A regular file, open for reading.
 * @throws Error that says what it is instead, or the error of the system
 */
export async function openRegular(path: string): Promise<FileHandle> {
  const handle = await open(path, FLAGS).catch((cause: unknown) => Promise.reject(refused(cause)));
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new Error(describeKind(stats));
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** {@link openRegular}, synchronous: the descriptor of the file. */
export function openRegularSync(path: string): number {
  let descriptor: number;
  try {
    descriptor = openSync(path, FLAGS);
  } catch (cause) {
    throw refused(cause);
  }
  const stats = fstatSync(descriptor);
  if (stats.isFile()) return descriptor;
  closeSync(descriptor);
  throw new Error(describeKind(stats));
}

const checkSize = (size: number, mostBytes: number): void => {
  if (size > mostBytes) throw new Error(`it has ${size} bytes; at most ${mostBytes} are read`);
};

/** All bytes of a regular file of at most `mostBytes`. @throws Error as {@link openRegular} does */
export async function readRegular(path: string, mostBytes = Infinity): Promise<Buffer> {
  const handle = await openRegular(path);
  try {
    checkSize((await handle.stat()).size, mostBytes);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** {@link readRegular}, synchronous. */
export function readRegularSync(path: string, mostBytes = Infinity): Buffer {
  const descriptor = openRegularSync(path);
  try {
    checkSize(fstatSync(descriptor).size, mostBytes);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

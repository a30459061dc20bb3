/**
 * A folder that a server, which is not trusted, also writes to. Nothing outside of it is opened or
 * removed, whatever links the server puts there, and whenever it exchanges them.
 */
import { constants } from 'node:fs';
import { lstat, open, readdir, realpath, rmdir, unlink, type FileHandle } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { platform } from 'node:process';

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
/** Folders in folders that are looked at. */
const MOST_DEPTH = 3;

/** Why something that has the right name is not a file that may be read. */
export class UnsafeFile extends Error {}

/** A folder that is open, and the path under which its members are reached. */
interface OpenFolder {
  readonly handle: FileHandle | undefined;
  readonly path: string;
}

/** Opens a folder that is no link; its members are reached through it, whatever gets its name. */
async function openFolder(path: string, follow = false): Promise<OpenFolder> {
  if (platform === 'win32') {
    if (!follow && !(await lstat(path)).isDirectory()) throw new UnsafeFile('a link');
    return { handle: undefined, path };
  }
  const handle = await open(path, O_RDONLY | O_DIRECTORY | (follow ? 0 : O_NOFOLLOW)).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTDIR' && error.code !== 'ELOOP') throw error;
      throw new UnsafeFile('it is not in the folder, but behind a link');
    },
  );
  // elsewhere there is no such path, and the name is used again
  return { handle, path: platform === 'linux' ? `/proc/self/fd/${handle.fd}` : path };
}

const isInside = (path: string): boolean =>
  path !== '' && path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path);

/** Such a folder, from when it was first seen: another one with its name is another folder. */
export class SharedFolder {
  readonly #named: string;
  #real: string | undefined;
  #pinned: OpenFolder | undefined;
  #looked = false;
  #looking: Promise<OpenFolder | undefined> | undefined;

  constructor(folder: string) {
    this.#named = resolve(folder);
  }

  /**
   * Opens the folder, where it exists. One that is there at the first look, before the server is
   * asked, may be a link of the user; a later one may not.
   */
  async pin(): Promise<boolean> {
    return (await (this.#looking ??= this.#look())) !== undefined;
  }

  async #look(): Promise<OpenFolder | undefined> {
    const follow = !this.#looked;
    this.#looked = true;
    try {
      const pinned = await openFolder(this.#named, follow);
      this.#real = await realpath(pinned.path);
      this.#pinned = pinned;
      return pinned;
    } catch {
      this.#looking = undefined;
      return undefined; // the server makes it with its first file
    }
  }

  /** The path of a file relative to this folder; undefined if it is outside. */
  async locate(path: string): Promise<string | undefined> {
    if (!isAbsolute(path) || path.includes('\0')) return undefined;
    await this.pin();
    const homes = [this.#named, this.#real ?? this.#named];
    for (const home of homes) {
      const inside = relative(home, path);
      if (isInside(inside)) return inside;
    }
    // another name for the folder
    const folder = await realpath(dirname(path)).catch(() => undefined);
    if (folder === undefined || this.#real === undefined) return undefined;
    const inside = relative(this.#real, join(folder, relative(dirname(path), path)));
    return isInside(inside) ? inside : undefined;
  }

  /**
   * Opens a regular file for reading.
   * @throws UnsafeFile for anything else: a link, a file that has a second name, a pipe; the error
   * of the file system where it does not exist
   */
  async open(inside: string): Promise<FileHandle> {
    return await this.#within(dirname(inside), async (folder) => {
      const path = join(folder, inside.slice(inside.lastIndexOf(sep) + 1));
      if (!(await lstat(path)).isFile()) throw new UnsafeFile('it is not a regular file');
      const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      try {
        const { nlink } = await handle.stat().then((stats) => {
          if (!stats.isFile()) throw new UnsafeFile('it is not a regular file');
          return stats;
        });
        if (nlink > 1) throw new UnsafeFile('it has another name besides (a hard link)');
        return handle;
      } catch (error) {
        await handle.close();
        throw error;
      }
    });
  }

  /** Removes what is in the folder, and in folders in it that are no links, by relative path. */
  async remove(which: (inside: string, modified: number) => boolean): Promise<number> {
    if (!(await this.pin()) || this.#pinned === undefined) return 0;
    return await removeIn(this.#pinned.path, '', which, 1);
  }

  /** A file in the folder itself whose name is not one of those expected. */
  async findOther(expected: RegExp): Promise<string | undefined> {
    if (this.#pinned === undefined) return undefined;
    const items = await readdir(this.#pinned.path, { withFileTypes: true }).catch(() => []);
    return items.find((item) => item.isFile() && !expected.test(item.name))?.name;
  }

  async close(): Promise<void> {
    const looking = this.#looking;
    this.#looking = Promise.resolve(undefined); // it stays closed
    this.#pinned = undefined;
    await (await looking)?.handle?.close();
  }

  /** Does some work in a folder inside of this one, reached step by step, never through a link. */
  async #within<T>(inside: string, work: (folder: string) => Promise<T>): Promise<T> {
    if (!(await this.pin()) || this.#pinned === undefined)
      throw new Error('the folder does not exist');
    const opened: OpenFolder[] = [];
    let { path } = this.#pinned;
    try {
      for (const name of inside.split(sep).filter((part) => part !== '' && part !== '.')) {
        const next = await openFolder(join(path, name));
        opened.push(next);
        ({ path } = next);
      }
      return await work(path);
    } finally {
      for (const { handle } of opened) await handle?.close();
    }
  }
}

async function removeIn(
  folder: string,
  before: string,
  which: (inside: string, modified: number) => boolean,
  depth: number,
): Promise<number> {
  let removed = 0;
  for (const item of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const inside = join(before, item.name);
    const path = join(folder, item.name);
    if (item.isDirectory() && depth < MOST_DEPTH) {
      const opened = await openFolder(path).catch(() => undefined);
      if (opened === undefined) continue;
      removed += await removeIn(opened.path, inside, which, depth + 1);
      await opened.handle?.close();
    }
    const stats = await lstat(path).catch(() => null);
    if (stats === null || !which(inside, stats.mtimeMs)) continue;
    // a link is removed itself, a folder only where it is empty
    const gone = await (stats.isDirectory() ? rmdir(path) : unlink(path)).then(
      () => true,
      () => false,
    );
    if (gone) removed++;
  }
  return removed;
}

/** Files of public sources: from a local copy, from the user's cache, else from the network. */
import { access, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { HarnessError } from '../../core/errors.js';
import { SILENT, type Observer } from '../observer.js';
import type { RemoteFile } from '../../core/tokens.js';
import { computeChecksum, wanted } from './checksum.js';
import { byHand, download } from './download.js';
import { StorageError } from '../errors.js';
import { takeLock } from '../lock.js';
import { makeFolder } from '../make-folder.js';

/** Where files may come from. */
export interface Sources {
  /** Folders with local copies: checkouts of the repositories, or folders of their files. */
  readonly dataDirs: readonly string[];
  /** Folder of downloaded files. */
  readonly cache: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Nothing is downloaded. */
  readonly offline: boolean;
  readonly observer?: Observer;
  readonly signal?: AbortSignal;
  /** Milliseconds before the first retry. */
  readonly patience?: number;
}

const exists = async (path: string): Promise<boolean> =>
  await access(path).then(
    () => true,
    () => false,
  );

/** `a/b/c` → itself, `b/c`, `c`: a local copy may start at any folder of the path. */
const tails = (path: string): readonly string[] =>
  path.split('/').map((_part, i, parts) => parts.slice(i).join('/'));

/** Downloads of this process, by path: a lock keeps only other processes out. */
const running = new Map<string, Promise<unknown>>();

/** Does work on a path when no other work of this process on it is left. */
async function alone(path: string, work: () => Promise<void>): Promise<void> {
  for (let other = running.get(path); other !== undefined; other = running.get(path))
    await other.catch(() => undefined); // whoever began it reports its error
  const mine = work();
  running.set(path, mine);
  try {
    await mine;
  } finally {
    running.delete(path);
  }
}

/**
 * Finds or downloads a file; resolves to its absolute path after verifying its checksum. Each file
 * is verified once per process.
 */
export class Fetcher {
  readonly #known = new Map<string, Promise<string>>();

  constructor(private readonly sources: Sources) {}

  async fetch(remote: RemoteFile): Promise<string> {
    const { value } = wanted(remote.check);
    let found = this.#known.get(value);
    if (found === undefined) {
      found = this.#find(remote);
      this.#known.set(value, found);
      found.catch(() => this.#known.delete(value)); // a failed file may be tried again
    }
    return await found;
  }

  async #find(remote: RemoteFile): Promise<string> {
    const { dataDirs, cache, offline } = this.sources;
    const { kind, value } = wanted(remote.check);
    // a copy with other content: an error only if no right one is found
    let other: HarnessError | undefined;
    for (const path of dataDirs.flatMap((dir) =>
      tails(remote.path).map((tail) => resolve(dir, tail)),
    )) {
      if (!(await exists(path))) continue;
      const checksum = await computeChecksum(path, remote.check);
      if (checksum === value) return path;
      other ??= new StorageError('checksumMismatch', {
        file: path,
        kind,
        found: checksum,
        wanted: value,
        origin: remote.origin,
      });
    }
    if (other !== undefined) throw other;
    const path = join(cache, 'files', value, basename(remote.path));
    if (await this.#isComplete(path, remote)) return path;
    if (offline) throw byHand(remote, path, 'the run is offline');
    await alone(path, async () => {
      const lock = await takeLock(`${path}.lock`, this.#signal, ({ pid }) =>
        this.sources.observer?.info(`waiting for process ${pid}, which downloads ${path}`),
      );
      try {
        // another one may have downloaded it meanwhile
        if (!(await this.#isComplete(path, remote))) await this.#download(remote, path);
      } finally {
        await lock.release();
      }
    });
    return path;
  }

  get #signal(): AbortSignal {
    return this.sources.signal ?? new AbortController().signal;
  }

  /** Whether a file of the cache is there; one with other content is removed. */
  async #isComplete(path: string, remote: RemoteFile): Promise<boolean> {
    if (!(await exists(path))) return false;
    if ((await computeChecksum(path, remote.check)) === wanted(remote.check).value) return true;
    this.sources.observer?.warn(`${path} is damaged and is downloaded again`);
    await rm(path, { force: true });
    return false;
  }

  async #download(remote: RemoteFile, path: string): Promise<void> {
    const { env, patience = 500 } = this.sources;
    await makeFolder(dirname(path));
    const task = (this.sources.observer ?? SILENT).task(
      `fetch ${basename(remote.path)} (bytes)`,
      remote.bytes ?? 0,
      0,
    );
    try {
      await download(remote, path, { env, patience, task, signal: this.#signal });
    } finally {
      task.end();
    }
  }
}

/** Locks between processes: a file that exists while one of them holds it. */
import { open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { kill, pid } from 'node:process';
import { clearInterval, setInterval } from 'node:timers';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { makeFolder } from './make-folder.js';

/** `since`: an ISO date. */
const Holder = z.object({ pid: z.int(), host: z.string(), since: z.string() }).readonly();

/** Who holds a lock. */
export type LockHolder = z.output<typeof Holder>;

const POLL_MS = 300;
const BEAT_MS = 10_000;
/** A lock whose holder has not touched it for so long is free: its machine is gone. */
const STALE_MS = 120_000;

/** Locks of this process, and how often each is held. */
const held = new Map<string, { count: number; readonly beat: NodeJS.Timeout }>();

/** Creates the file of a lock; false where it exists. */
async function create(file: string): Promise<boolean> {
  await makeFolder(dirname(file));
  const handle = await open(file, 'wx').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return null;
    throw error;
  });
  if (handle === null) return false;
  const holder: LockHolder = { pid, host: hostname(), since: new Date().toISOString() };
  await handle.writeFile(JSON.stringify(holder));
  await handle.close();
  return true;
}

function parseHolder(text: string): LockHolder | null {
  try {
    return Holder.parse(JSON.parse(text));
  } catch {
    return null; // it is being written
  }
}

const isAlive = (process: number): boolean => {
  try {
    return kill(process, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Removes the file of a lock whose holder is gone, unless another process has just taken it. */
async function removeStale(file: string, text: string): Promise<void> {
  const aside = `${file}.${pid}-${performance.now()}`;
  try {
    await rename(file, aside);
    if ((await readFile(aside, 'utf8')) !== text) await rename(aside, file);
  } catch {
    return; // another process was faster
  } finally {
    await rm(aside, { force: true });
  }
}

/** The process that holds a lock; null where it is free by now. */
async function findHolder(file: string): Promise<LockHolder | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  const touched = await stat(file).catch(() => null);
  if (text === null || touched === null) return null;
  const holder = parseHolder(text);
  const isGone =
    Date.now() - touched.mtimeMs > STALE_MS ||
    (holder !== null && holder.host === hostname() && !isAlive(holder.pid));
  if (!isGone) return holder ?? { pid: 0, host: hostname(), since: touched.mtime.toISOString() };
  await removeStale(file, text);
  return null;
}

async function release(file: string): Promise<void> {
  const lock = held.get(file);
  if (lock === undefined || --lock.count > 0) return;
  held.delete(file);
  clearInterval(lock.beat);
  await rm(file, { force: true });
}

/** A lock that is held. */
export interface Lock {
  /** Whether another process held it first. */
  readonly waited: boolean;
  readonly release: () => Promise<void>;
}

/**
 * Takes a lock, and waits while another process holds it; a process may take one several times.
 * @throws the reason of the signal
 */
export async function takeLock(
  file: string,
  signal: AbortSignal,
  onWait: (holder: LockHolder) => void,
): Promise<Lock> {
  let waited = false;
  for (;;) {
    signal.throwIfAborted();
    const own = held.get(file);
    if (own !== undefined) {
      own.count++;
      break;
    }
    if (await create(file)) {
      const touch = (): void => void utimes(file, new Date(), new Date()).catch(() => undefined);
      held.set(file, { count: 1, beat: setInterval(touch, BEAT_MS).unref() });
      break;
    }
    const holder = await findHolder(file);
    if (holder === null) continue;
    if (!waited) onWait(holder);
    waited = true;
    await setTimeout(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  return { waited, release: async () => await release(file) };
}

/**
 * One file from the network to the disk: goes on where it stopped, tries again, and is only called
 * by its name once its checksum is right.
 */
import type { Response } from 'undici';
import { open, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { HarnessError, getErrorMessage } from '../../core/errors.js';
import type { Task } from '../observer.js';
import type { RemoteFile } from '../../core/tokens.js';
import { computeChecksum, wanted } from './checksum.js';
import { requestFile } from './http.js';
import { StorageError } from '../errors.js';

/** What a download needs. */
export interface DownloadSettings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Milliseconds before the second try; it doubles with each further one. */
  readonly patience: number;
  readonly task: Task;
}

const TRIES = 5;
const LONGEST_WAIT_MS = 60_000;
/** Answers that may be others a moment later. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

const getFileSize = async (path: string): Promise<number> =>
  await stat(path).then(
    ({ size }) => size,
    () => 0,
  );

const manual = (remote: RemoteFile, path: string, problem: string, cause?: unknown): HarnessError =>
  new StorageError('downloadFailed', { url: remote.url, problem, path }, { cause });

/** The error that says how to get a file without this machine's network. */
export const byHand = manual;

/** fetch hides the reason of a failure in the cause of its error. */
function getFailureReason(thrown: unknown): string {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return cause instanceof Error
    ? `${getErrorMessage(thrown)} (${cause.message})`
    : getErrorMessage(thrown);
}

/** How long the server asks us to wait, in milliseconds. */
function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isFinite(wait) ? Math.max(0, Math.min(wait, LONGEST_WAIT_MS)) : undefined;
}

type Attempt =
  | { readonly done: true }
  | {
      readonly done: false;
      readonly problem: string;
      readonly cause?: unknown;
      readonly wait?: number | undefined;
    };

/**
 * One request, appended to what is there. A server that does not know ranges starts the file anew.
 */
async function attempt(
  remote: RemoteFile,
  part: string,
  settings: DownloadSettings,
): Promise<Attempt> {
  const from = await getFileSize(part);
  return await requestFile(remote.url, from, settings.env, settings.signal, (response) =>
    append(remote, part, from, response, settings.task),
  );
}

async function append(
  remote: RemoteFile,
  part: string,
  from: number,
  response: Response,
  task: Task,
): Promise<Attempt> {
  const total = Number(/\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1] ?? NaN);
  if (response.status === 416) {
    if (total === from) return { done: true };
    await rm(part, { force: true });
    return { done: false, problem: 'the partial download is longer than the file' };
  }
  if (!response.ok) {
    const { status } = response;
    if (PASSING.has(status))
      return {
        done: false,
        problem: `the server answered with status ${status}`,
        wait: retryAfter(response.headers.get('retry-after'), Date.now()),
      };
    throw new StorageError('downloadRefused', { url: remote.url, status });
  }
  const goesOn = response.status === 206;
  const length = Number(response.headers.get('content-length') ?? NaN);
  const whole = goesOn ? (Number.isNaN(total) ? from + length : total) : length;
  const file = await open(part, goesOn ? 'a' : 'w');
  let got = goesOn ? from : 0;
  try {
    for await (const chunk of response.body ?? []) {
      await file.write(chunk as Uint8Array);
      got += (chunk as Uint8Array).byteLength;
      task.advance((chunk as Uint8Array).byteLength);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return Number.isNaN(whole) || got >= whole
    ? { done: true }
    : { done: false, problem: `the download stopped after ${got} of ${whole} bytes` };
}

/**
 * Fetches until the whole file is there; a try that brought something does not count against the
 * number of tries.
 */
async function fetchWhole(
  remote: RemoteFile,
  part: string,
  path: string,
  settings: DownloadSettings,
): Promise<void> {
  for (let tries = 1, wait = settings.patience; ;) {
    const before = await getFileSize(part);
    const outcome = await attempt(remote, part, settings).catch((cause: unknown): Attempt => {
      if (settings.signal.aborted || cause instanceof HarnessError) throw cause;
      return { done: false, problem: getFailureReason(cause), cause };
    });
    if (outcome.done) return;
    if ((await getFileSize(part)) > before) [tries, wait] = [1, settings.patience];
    else tries++;
    if (tries > TRIES) throw manual(remote, path, outcome.problem, outcome.cause);
    await sleep(outcome.wait ?? wait, undefined, { signal: settings.signal });
    wait *= 2;
  }
}

/**
 * Fetches to `path`. A file whose checksum is wrong is fetched once more from its first byte, then
 * refused (RXB3105).
 */
export async function download(
  remote: RemoteFile,
  path: string,
  settings: DownloadSettings,
): Promise<void> {
  const part = `${path}.part`;
  const { kind, value } = wanted(remote.check);
  for (let anew = 0; ; anew++) {
    await fetchWhole(remote, part, path, settings);
    const found = await computeChecksum(part, remote.check);
    if (found === value) break;
    await rm(part, { force: true });
    if (anew === 1)
      throw new StorageError('checksumMismatch', {
        file: remote.url,
        kind,
        found,
        wanted: value,
        origin: remote.origin,
      });
  }
  await rename(part, path);
}

/**
 * Downloads one file: resumes, retries, and renames the file only after its checksum was verified.
 */
import { open, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pRetry, { type RetryContext } from 'p-retry';
import type { Response } from 'undici';
import { HarnessError, getErrorMessage } from '../../core/errors.js';
import type { Task } from '../observer.js';
import type { RemoteFile } from '../../core/tokens.js';
import { computeChecksum, wanted } from './checksum.js';
import { requestFile } from './http.js';
import { StorageError } from '../errors.js';
import { retryAfter } from './retry-after.js';

/** Settings of a download. */
export interface DownloadSettings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Milliseconds before the first retry; doubles with each further one. */
  readonly patience: number;
  readonly task: Task;
}

const ATTEMPTS = 5;
/** The longest download of a file whose size is neither pinned nor announced by the server. */
const MOST_UNANNOUNCED_BYTES = 2 ** 30;
/** The longest download of a file whose size is not pinned. */
const MOST_BYTES = 64 * 2 ** 30;
/** An attempt that received at least this much does not count as a failed one. */
const PROGRESS_BYTES = 65_536;
/** Ending of the name of a file that is not complete. */
const PART = '.part';
const LONGEST_WAIT_MS = 60_000;
/** Status codes that may change on a later attempt. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

const getFileSize = async (path: string): Promise<number> =>
  await stat(path).then(
    ({ size }) => size,
    () => 0,
  );

const manual = (remote: RemoteFile, path: string, problem: string, cause?: unknown): HarnessError =>
  new StorageError('downloadFailed', { url: remote.url, problem, path }, { cause });

/** The error that explains how to get a file by other means. */
export const byHand = manual;

/** fetch hides the reason of a failure in the cause of its error. */
function getFailureReason(thrown: unknown): string {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return cause instanceof Error
    ? `${getErrorMessage(thrown)} (${cause.message})`
    : getErrorMessage(thrown);
}

/** A failure that a later attempt may avoid. */
class TransientFailure extends Error {
  constructor(
    message: string,
    readonly options: {
      readonly cause?: unknown;
      /** Milliseconds that the server asks to wait. */
      readonly wait?: number | undefined;
    } = {},
  ) {
    super(message, { cause: options.cause });
  }
}

/**
 * One request, appended to the partial file. If the server does not support ranges, the file starts
 * again.
 */
async function attempt(
  remote: RemoteFile,
  part: string,
  { env, signal, task }: DownloadSettings,
): Promise<void> {
  const from = await getFileSize(part);
  try {
    await requestFile(remote.url, from, env, signal, (response) =>
      append(remote, part, from, response, task),
    );
  } catch (cause) {
    if (signal.aborted || cause instanceof HarnessError || cause instanceof TransientFailure)
      throw cause;
    throw new TransientFailure(getFailureReason(cause), { cause });
  }
}

/** The sizes that a response announces; NaN where it does not. */
function readSizes({ status, headers }: Response): {
  readonly first: number;
  readonly total: number;
} {
  const [, first, total] =
    /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
  if (status === 206) return { first: Number(first ?? NaN), total: Number(total ?? NaN) };
  const [, unsatisfied] = /^bytes \*\/(\d+)$/.exec(headers.get('content-range') ?? '') ?? [];
  if (status === 416) return { first: NaN, total: Number(unsatisfied ?? NaN) };
  return { first: 0, total: Number(headers.get('content-length') ?? NaN) };
}

/** What a response without the file means. */
function refuse(remote: RemoteFile, { status, headers }: Response): Error {
  if (!PASSING.has(status)) return new StorageError('downloadRefused', { url: remote.url, status });
  const wait = retryAfter((name) => headers.get(name) ?? undefined, Date.now());
  return new TransientFailure(`the server answered with status ${status}`, {
    wait: wait === undefined ? undefined : Math.min(wait, LONGEST_WAIT_MS),
  });
}

/** How many bytes the file may have: those that are pinned, else a maximum. */
const getLimit = ({ bytes }: RemoteFile, total: number): number =>
  bytes ?? (Number.isNaN(total) ? MOST_UNANNOUNCED_BYTES : MOST_BYTES);

async function append(
  remote: RemoteFile,
  part: string,
  from: number,
  response: Response,
  task: Task,
): Promise<void> {
  const { first, total } = readSizes(response);
  if (response.status === 416 && total === from) return;
  const restart = async (problem: string): Promise<never> => {
    await rm(part, { force: true });
    throw new TransientFailure(problem);
  };
  if (response.status === 416) await restart('the partial download is longer than the file');
  if (!response.ok) throw refuse(remote, response);
  const resumes = response.status === 206;
  if (resumes && first !== from) await restart('the server sent another part of the file');
  const limit = getLimit(remote, total);
  const tooLong = async (size: string): Promise<never> => {
    await rm(part, { force: true });
    throw manual(
      remote,
      part.replace(PART, ''),
      `the server sends ${size}, but ${remote.bytes === undefined ? 'at most' : 'the file has'} ${limit} bytes`,
    );
  };
  if (total > limit) await tooLong(`${total} bytes`);
  const file = await open(part, resumes ? 'a' : 'w');
  let got = resumes ? from : 0;
  try {
    for await (const chunk of response.body ?? []) {
      got += chunk.byteLength;
      if (got > limit) await tooLong('more');
      await file.write(chunk);
      task.advance(chunk.byteLength);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  if (got < total)
    throw new TransientFailure(`the download stopped after ${got} of ${total} bytes`);
}

/** Downloads until the file is complete. */
async function fetchWhole(
  remote: RemoteFile,
  part: string,
  path: string,
  settings: DownloadSettings,
): Promise<void> {
  const { patience, signal } = settings;
  const pause = async (ms: number): Promise<void> => await sleep(ms, undefined, { signal });
  const attemptWithProgress = async (): Promise<'complete' | 'interrupted'> => {
    const before = await getFileSize(part);
    try {
      await attempt(remote, part, settings);
      return 'complete';
    } catch (error) {
      const progressed = (await getFileSize(part)) - before >= PROGRESS_BYTES;
      if (!(error instanceof TransientFailure && progressed)) throw error;
      await pause(error.options.wait ?? patience);
      return 'interrupted';
    }
  };
  const attempts = {
    retries: ATTEMPTS - 1,
    minTimeout: patience,
    signal,
    shouldRetry: ({ error }: { readonly error: Error }) => error instanceof TransientFailure,
    onFailedAttempt: async ({ error, retriesLeft }: RetryContext) => {
      if (error instanceof TransientFailure && retriesLeft > 0)
        await pause(error.options.wait ?? 0);
    },
  };
  try {
    while ((await pRetry(attemptWithProgress, attempts)) !== 'complete');
  } catch (error) {
    if (!(error instanceof TransientFailure)) throw error;
    throw manual(remote, path, error.message, error.options.cause);
  }
}

/**
 * Downloads to `path`. A file with a wrong checksum is downloaded once more from its first byte,
 * then rejected (RXB3105).
 */
export async function download(
  remote: RemoteFile,
  path: string,
  settings: DownloadSettings,
): Promise<void> {
  const part = `${path}${PART}`;
  const { kind, value } = wanted(remote.check);
  for (let downloads = 1; ; downloads++) {
    await fetchWhole(remote, part, path, settings);
    const found = await computeChecksum(part, remote.check);
    if (found === value) break;
    await rm(part, { force: true });
    if (downloads === 2)
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

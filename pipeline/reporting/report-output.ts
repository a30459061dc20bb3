/** The output of one reporter. */
import { resolve } from 'node:path';
import type { ReportOutput } from '../../core/contracts.js';
import { appendReport, writeReport } from '../../storage/results/report-file.js';
import { findWriteTarget } from '../../storage/write-target.js';
import { PipelineError } from '../errors.js';
import type { ProcessWatch } from '../process-watch.js';

/** Where reporters write: the standard streams of the command, and the folder of results. */
export interface ReportDestination extends Omit<ReportOutput, 'write' | 'append'> {
  /** Absolute folder of results, at which relative paths start. */
  readonly results: string;
  readonly process?: ProcessWatch | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Longest wait for one reporter. */
  readonly limitSeconds?: number | undefined;
}

/** An output, and what was done with it. */
interface OpenedOutput {
  readonly output: ReportOutput;
  /** Waits for all writing, also for what the reporter does not await; gives what failed. */
  readonly settle: () => Promise<readonly unknown[]>;
  /** Refuses what is written from now on. */
  readonly close: () => void;
}

/** A reporter as one that writes; two of the same name are two writers. */
interface Writer {
  readonly name: string;
}

/** Which reporter wrote which file whole; kept over all reporters of a command. */
export class WrittenFiles {
  readonly #writers = new Map<string, Writer>();
  readonly #paths: string[] = [];

  /** Absolute paths, in order, each once. */
  get paths(): readonly string[] {
    return [...new Set(this.#paths)];
  }

  /** Notes who writes a file. @throws PipelineError where that is another reporter */
  async claim(writer: Writer, path: string): Promise<void> {
    const file = await getFileKey(path);
    if (file === null) return;
    const first = this.#writers.get(file) ?? writer;
    if (first !== writer)
      throw new PipelineError('reporterFileClash', {
        first: first.name,
        second: writer.name,
        file: path,
      });
    this.#writers.set(file, writer);
  }

  add(path: string): void {
    this.#paths.push(path);
  }
}

/**
 * What two paths to the same file have in common; null for a device, which takes any number of
 * writers. A path that cannot be written is its own key: writing it says why.
 */
async function getFileKey(path: string): Promise<string | null> {
  const target = await findWriteTarget(path).catch(() => ({ path, device: false }));
  return target.device ? null : target.path;
}

function requireText(text: unknown): void {
  if (typeof text !== 'string')
    throw new TypeError(`it must write text, but wrote ${text === null ? 'null' : typeof text}`);
}

/** The output of one reporter. */
export function openOutput(
  writer: Writer,
  destination: ReportDestination,
  written: WrittenFiles,
): OpenedOutput {
  const { results, print, note, colour, width, env } = destination;
  const pending: Promise<void>[] = [];
  let open = true;
  /** Whether the reporter may still write; what comes too late is named on standard error. */
  const mayWrite = (what: string): boolean => {
    if (!open) note(`Reporter "${writer.name}" wrote ${what} after it had ended. It is ignored.\n`);
    return open;
  };
  const stream = (to: (text: string) => void, what: string) => (text: string) => {
    requireText(text);
    if (mayWrite(what)) to(text);
  };
  const file = (work: (path: string, text: string) => Promise<void>) => {
    const attempt = async (path: string, text: string): Promise<void> => {
      if (typeof path !== 'string' || path === '')
        throw new TypeError('it must name a file to write');
      requireText(text);
      if (mayWrite(path)) await work(resolve(results, path), text);
    };
    // the reporter gets this very promise: one that it does not await is handled by `settle`
    return (path: string, text: string): Promise<void> => {
      const attempted = attempt(path, text);
      attempted.catch(() => {});
      pending.push(attempted);
      return attempted;
    };
  };
  const output: ReportOutput = {
    print: stream(print, 'to standard output'),
    note: stream(note, 'to standard error'),
    write: file(async (path, text) => {
      await written.claim(writer, path);
      await writeReport(path, text);
      written.add(path);
    }),
    append: file(appendReport),
    colour,
    width,
    env: Object.freeze({ ...env }),
  };
  return {
    output,
    settle: async () => {
      const ended = await Promise.allSettled(pending);
      return ended.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    },
    close: () => (open = false),
  };
}

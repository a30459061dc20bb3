/** Gives a report to reporters, whatever they do: one that fails keeps no other one from it. */
import type { Report } from '../../analysis/report.js';
import type { Reporter } from '../../core/contracts.js';
import { getErrorMessage, getHarnessErrors, type HarnessError } from '../../core/errors.js';
import { PipelineError } from '../errors.js';
import { frozenCopy } from './frozen-copy.js';
import { openOutput, WrittenFiles, type ReportDestination } from './report-output.js';
import type { OpenedReporter } from './reporters.js';

/** What came of reporting. */
export interface Reported {
  /** Reporters that failed; the others are done. */
  readonly failures: readonly HarnessError[];
  /** Absolute paths of the files that were written whole, in order. */
  readonly files: readonly string[];
}

/** Longest wait for one reporter. */
const LIMIT_SECONDS = 60;

/** Why a reporter did not finish. */
class Unfinished extends Error {}

/** The message of anything that was thrown, also of what cannot be made text. */
function describeThrown(thrown: unknown): string {
  try {
    const message = getErrorMessage(thrown);
    return message === '' ? 'an error without a message' : message;
  } catch {
    return 'something that cannot be shown as text';
  }
}

/** What was thrown, as errors that name the reporter; coded ones of the reporter are kept. */
function nameFailure(reporter: string, cause: unknown): readonly HarnessError[] {
  const known = getHarnessErrors(cause);
  if (known?.some(({ kind }) => kind !== 'writeFailed') === true) return known;
  const problem = known?.map((error) => error.problem).join(' ') ?? describeThrown(cause);
  return [new PipelineError('reporterFailed', { reporter, problem }, { cause })];
}

/** Lets promises that were rejected and that nobody awaits come up. */
const nextTurn = async (): Promise<void> => await new Promise((done) => setImmediate(done));

/** Starts work and waits for it, but not forever. @throws whatever fails, and Unfinished */
async function waitFor(
  work: () => Promise<void>,
  { process, signal, limitSeconds = LIMIT_SECONDS }: ReportDestination,
): Promise<void> {
  let stop = (): void => {};
  try {
    await new Promise<void>((done, fail) => {
      const late = `it did not finish within ${limitSeconds} s`;
      const timer = setTimeout(() => fail(new Unfinished(late)), 1000 * limitSeconds);
      const unwatch = process?.watch({
        onIdle: () => fail(new Unfinished('it did not finish: nothing is left that it waits for')),
        onFailure: fail,
      });
      if (unwatch !== undefined) timer.unref(); // else the process would never be idle
      const interrupt = (): void => fail(signal?.reason as Error);
      signal?.addEventListener('abort', interrupt);
      stop = () => {
        clearTimeout(timer);
        unwatch?.();
        signal?.removeEventListener('abort', interrupt);
      };
      work().then(done, fail);
    });
  } finally {
    stop();
  }
}

/** Gives the report to one reporter. @throws where the command is interrupted */
async function runReporter(
  opened: OpenedReporter,
  report: Report,
  destination: ReportDestination,
  written: WrittenFiles,
): Promise<readonly HarnessError[]> {
  const { output, settle, close } = openOutput(opened, destination, written);
  const causes = new Set<unknown>();
  const work = async (): Promise<void> => {
    try {
      if (typeof (opened.reporter as Partial<Reporter> | null)?.report !== 'function')
        throw new TypeError('it has no method `report`');
      await opened.reporter.report(report as never, output);
    } catch (cause) {
      causes.add(cause);
    }
    for (const cause of await settle()) causes.add(cause);
    await nextTurn();
  };
  try {
    await waitFor(work, destination);
  } catch (cause) {
    if (destination.signal?.aborted === true) throw cause;
    causes.add(cause);
  } finally {
    close();
  }
  return [...causes].flatMap((cause) => nameFailure(opened.name, cause));
}

/**
 * Gives a report to reporters, one after another; none of them can change it. Those that fail, or
 * that do not finish in time, do not keep others from it. @throws where the command is interrupted
 */
export async function runReporters(
  reporters: readonly OpenedReporter[],
  report: Report,
  destination: ReportDestination,
): Promise<Reported> {
  const frozen = frozenCopy(report);
  const failures: HarnessError[] = [];
  const written = new WrittenFiles();
  for (const reporter of reporters)
    failures.push(...(await runReporter(reporter, frozen, destination, written)));
  return { failures, files: written.paths };
}

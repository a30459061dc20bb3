import { getErrorMessage, getHarnessErrors, type HarnessError } from '../core/errors.js';
import { describeError } from '../pipeline/failure-text.js';
import { describeThrown } from '../sandbox/thrown.js';
import { printJson, type ExitCode, type Io } from './io.js';

const RESUME = 'Finished work is kept. Run the same command again to resume.';

/** Errors as JSON output has them. */
export const errorsJson = (errors: readonly HarnessError[]): readonly object[] =>
  errors.map((error) => {
    const { code, problem, location, fix } = error;
    const cause = describeThrown(error);
    return {
      code,
      problem,
      ...(location === undefined ? {} : { place: location }),
      ...(cause === '' ? {} : { cause }),
      fix,
    };
  });

/** The exit code of several errors. */
export const getExitCode = (errors: readonly HarnessError[]): ExitCode =>
  Math.max(...errors.map(({ exit }) => exit)) as ExitCode;

/** Prints all errors for people. */
export function printErrors(errors: readonly HarnessError[], io: Io): void {
  io.err(errors.map((error) => `${describeError(error)}\n`).join(''));
  if (errors.length > 1) io.err(`${errors.length} errors.\n`);
}

/** Prints whatever a command threw, and gives the exit code. */
export function printFailure(thrown: unknown, json: boolean, io: Io): ExitCode {
  const report = (errors: readonly object[]): void => {
    if (json) printJson(io, { errors });
  };
  const errors = getHarnessErrors(thrown);
  if (errors !== undefined) {
    report(errorsJson(errors));
    printErrors(errors, io);
    return getExitCode(errors);
  }
  if (io.signal.aborted) {
    report([{ code: 'interrupted', problem: 'The command was interrupted.', fix: RESUME }]);
    io.err(`Stopped. ${RESUME}\n`);
    return 130;
  }
  report([{ code: 'bug', problem: getErrorMessage(thrown), fix: 'Please report it.' }]);
  io.err(
    `This is a bug in rxb. Please report it with this text:\n${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`,
  );
  return 1;
}

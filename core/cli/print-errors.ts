import { HarnessError, HarnessErrors } from '../errors.js';
import type { ExitCode, Io } from './io.js';

/** Work that stopped half-way for a reason outside the user's config: the same command goes on. */
const INCOMPLETE = new Set(['RXB4004', 'RXB5002']);

/** Why a run was stopped by the user. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

const lines = (error: HarnessError): string =>
  [`${error.code} ${error.problem}`, ...(error.place === undefined ? [] : [`  where: ${error.place}`]), `  fix:   ${error.fix}`].join('\n');

const plain = ({ code, problem, place, fix }: HarnessError): object => ({ code, problem, ...(place === undefined ? {} : { place }), fix });

/** The exit code of some mistakes. */
export const exitCodeOf = (errors: readonly HarnessError[]): ExitCode => (errors.some(({ code }) => INCOMPLETE.has(code)) ? 3 : 2);

/** Prints mistakes: all of them for humans, and as JSON where asked. */
export function printMistakes(errors: readonly HarnessError[], io: Io): void {
  for (const error of errors) io.err(`${lines(error)}\n`);
  if (errors.length > 1) io.err(`${errors.length} mistakes.\n`);
}

/** Mistakes as they stand in JSON output. */
export const mistakesJson = (errors: readonly HarnessError[]): readonly object[] => errors.map(plain);

/** Prints whatever a command threw and says how the process ends. */
export function printFailure(thrown: unknown, json: boolean, io: Io): ExitCode {
  if (thrown instanceof Interrupted || io.signal.aborted) {
    io.err('Stopped. Finished work is kept: the same command goes on from here.\n');
    return 130;
  }
  const errors = thrown instanceof HarnessErrors ? thrown.errors : thrown instanceof HarnessError ? [thrown] : null;
  if (errors === null) {
    const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    if (json) io.out(`${JSON.stringify({ errors: [{ code: 'bug', problem: thrown instanceof Error ? thrown.message : String(thrown) }] }, null, 2)}\n`);
    io.err(`This is a bug in rxb, not your mistake. Please report it with this text:\n${stack}\n`);
    return 1;
  }
  if (json) io.out(`${JSON.stringify({ errors: mistakesJson(errors) }, null, 2)}\n`);
  printMistakes(errors, io);
  return exitCodeOf(errors);
}

/** The reporters of a command: opened before the work, called when it is done. */
import { dirname, resolve } from 'node:path';
import { PipelineError } from '../pipeline/errors.js';
import type { Report } from '../analysis/report.js';
import { HarnessErrors } from '../core/errors.js';
import type { Project } from '../pipeline/project.js';
import {
  openReporters,
  type OpenedReporter,
  type ReporterRequest,
  type ReporterSelection,
} from '../pipeline/reporting/reporters.js';
import type { ReportDestination } from '../pipeline/reporting/report-output.js';
import { runReporters } from '../pipeline/reporting/run-reporters.js';
import { leaderboardFolder, shownPath } from '../pipeline/reporting/run-report.js';
import type { ExitCode, GlobalOptions, Io } from './io.js';
import { getExitCode, printErrors } from './print-errors.js';

/** Flags of commands that report. */
export interface ReporterFlags extends GlobalOptions {
  /** Each `NAME` or `NAME=FILE`; the file starts at the working directory. */
  readonly reporter?: readonly string[];
  readonly quiet?: boolean;
}

/** `NAME` or `NAME=FILE` as an entry of `reporters`. */
function parseReporter(text: string, command: string, cwd: string): ReporterRequest {
  const [name = '', file] = text.split(/=(.*)/s);
  if (name.trim() === '' || file === '')
    throw new PipelineError('invalidOption', {
      option: '--reporter',
      value: `"${text}"`,
      problem: 'it must be NAME or NAME=FILE',
      command,
    });
  return file === undefined ? name : [name, { file: resolve(cwd, file) }];
}

/** Reporters of the command line; undefined where it names none. */
export const namedReporters = (
  { reporter }: ReporterFlags,
  command: string,
  io: Io,
): readonly ReporterRequest[] | undefined =>
  reporter?.map((text) => parseReporter(text, command, io.cwd));

/** Opened reporters of a command. */
export interface CommandReporters {
  /** Those of the command. */
  readonly reporters: readonly OpenedReporter[];
  /** With `--json`: the one that prints; the others write files only. */
  readonly json: readonly OpenedReporter[] | null;
  readonly destination: ReportDestination;
  readonly quiet: boolean;
  /** Ends the processes of third-party packages: nothing else may keep this process alive. */
  readonly release: () => Promise<void>;
}

/** Opens the reporters of a command. `json` is what `--json` prints. @throws HarnessError */
export async function openCommandReporters(
  project: Project,
  selection: ReporterSelection,
  flags: ReporterFlags,
  io: Io,
  json: ReporterRequest = 'json',
): Promise<CommandReporters> {
  const { kind } = selection;
  const asJson = flags.json === true;
  return {
    reporters: await openReporters(project, selection),
    json: asJson ? await openReporters(project, { kind, named: [json] }) : null,
    destination: {
      results: leaderboardFolder(project),
      print: asJson ? () => {} : io.out,
      note: io.err,
      colour: io.colour,
      width: io.width,
      env: project.env,
      process: io.process,
      signal: io.signal,
    },
    release: async () => await project.registry.release(),
    quiet: flags.quiet === true,
  };
}

/** `Wrote a.md and 6 files in curves.`: files one by one, or by folder where there are many. */
function writtenText(files: readonly string[], cwd: string): string {
  const folders = new Map<string, string[]>();
  for (const file of files)
    folders.set(dirname(file), [...(folders.get(dirname(file)) ?? []), file]);
  const names = [...folders].flatMap(([folder, members]) =>
    members.length > 2
      ? [`${members.length} files in ${shownPath(cwd, folder)}`]
      : members.map((file) => shownPath(cwd, file)),
  );
  return `Wrote ${names.join(', ')}.\n`;
}

/**
 * Reports and says on stderr which files were written. Reporters that fail are printed and decide
 * the exit code.
 */
export async function reportWith(
  { reporters, json, destination, quiet, release }: CommandReporters,
  report: Report,
  io: Io,
): Promise<ExitCode> {
  await release();
  const { failures, files } = await runReporters(reporters, report, destination);
  if (json !== null) {
    const printed = await runReporters(json, report, { ...destination, print: io.out });
    if (printed.failures.length > 0) throw new HarnessErrors([...failures, ...printed.failures]);
  }
  if (files.length > 0 && !quiet) io.err(writtenText(files, io.cwd));
  if (failures.length === 0) return 0;
  printErrors(failures, io);
  return getExitCode(failures);
}

/** The exit code that says most: that of a failure before 0. */
export const worstExit = (...codes: readonly ExitCode[]): ExitCode =>
  Math.max(...codes) as ExitCode;

/** The reporters of a project: found by name, opened before the work begins, called at its end. */
import { isAbsolute, resolve } from 'node:path';
import type { Report } from '../../analysis/report.js';
import type { ResolvedConfig } from '../../core/config-schema.js';
import { checkOptions, instantiate } from '../../core/container.js';
import { loadIntoProcess } from '../planning/load-into-process.js';
import { getErrorMessage, getHarnessErrors, type HarnessError } from '../../core/errors.js';
import type { RegistryEntry } from '../../core/registry.js';
import type { Reporter, ReportOutput } from '../../core/contracts.js';
import { appendReport, writeReport } from '../../storage/results/report-file.js';
import { PipelineError } from '../errors.js';
import type { Project } from '../project.js';

/** What is reported. */
type ReportKind = Report['kind'];

/** A reporter by name, or with options, as in `reporters` of the config. */
export type ReporterRequest = NonNullable<ResolvedConfig['reporters']>[number];

/** Reporters where neither the command line nor the config names any. */
const DEFAULTS: Readonly<Record<ReportKind, readonly ReporterRequest[]>> = {
  run: ['table', ['markdown', { file: 'leaderboard.md' }], 'svg'],
  comparison: ['table'],
  check: ['table', 'github'],
  pairs: ['table', ['markdown', { file: 'pairs.md' }]],
};

const KIND_NAMES: Readonly<Record<ReportKind, string>> = {
  run: 'run',
  comparison: 'comparison',
  check: 'check',
  pairs: 'table of pairs',
};

/** Which reporters to open, besides those of the config. */
export interface ReporterSelection {
  readonly kind: ReportKind;
  /** Those of the command line, in place of all others; files are absolute paths. */
  readonly named?: readonly ReporterRequest[] | undefined;
  /** In place of the default ones. */
  readonly fallback?: readonly ReporterRequest[] | undefined;
  /** More reporters, after the others; files are absolute paths. */
  readonly added?: readonly ReporterRequest[] | undefined;
}

/** A reporter that is ready. */
export interface OpenedReporter {
  readonly name: string;
  readonly reporter: Reporter;
}

interface Found {
  readonly entry: RegistryEntry<'reporter'>;
  readonly options: Readonly<Record<string, unknown>>;
  readonly location: string | undefined;
}

/** Paths in the option `file`, a path or one for each kind of report, start at a folder. */
function withAbsoluteFile(
  options: Readonly<Record<string, unknown>>,
  folder: string,
): Readonly<Record<string, unknown>> {
  const absolute = (path: unknown): unknown =>
    typeof path === 'string' ? resolve(folder, path) : path;
  const { file } = options;
  if (typeof file === 'string') return { ...options, file: absolute(file) };
  if (typeof file !== 'object' || file === null) return options;
  const files = Object.entries(file).map(([kind, path]) => [kind, absolute(path)]);
  return { ...options, file: Object.fromEntries(files) as object };
}

function findReporter(project: Project, request: ReporterRequest, path?: string): Found {
  const [name, options = {}] = typeof request === 'string' ? [request] : request;
  const location = path === undefined ? undefined : project.getLocation(path, name);
  return { entry: project.registry.find('reporter', name, location), options, location };
}

const canReport = (kind: ReportKind, { entry }: Found): boolean =>
  entry.mark.definition.reports.includes(kind);

/** Refuses a reporter that was named for a kind of report that it cannot write. */
function requireKind(project: Project, kind: ReportKind, found: Found): void {
  if (canReport(kind, found)) return;
  const able = project.registry
    .list('reporter')
    .filter(({ mark }) => mark.definition.reports.includes(kind))
    .map(({ mark }) => mark.definition.name);
  throw new PipelineError('reporterKindMismatch', {
    reporter: found.entry.mark.definition.name,
    report: KIND_NAMES[kind],
    able: able.join(', '),
  });
}

/**
 * Those of the config that can report this kind; the default ones where none of them can, or the
 * config names none. Its list is for every command, so that one that cannot is no mistake.
 */
function configuredReporters(
  project: Project,
  kind: ReportKind,
  fallback: readonly ReporterRequest[] = DEFAULTS[kind],
): readonly Found[] {
  const configured = (project.config.reporters ?? [])
    .map((request, i) => findReporter(project, request, `reporters[${i}]`))
    .map((found) => ({ ...found, options: withAbsoluteFile(found.options, project.folder) }))
    .filter((found) => canReport(kind, found));
  return configured.length > 0
    ? configured
    : fallback.map((request) => findReporter(project, request));
}

/**
 * Finds the reporters of a command and makes them, third-party ones in this process. @throws
 * HarnessError for unknown names and wrong options, and PipelineError where one that the command
 * line names cannot report this kind
 */
export async function openReporters(
  project: Project,
  { kind, named, fallback, added = [] }: ReporterSelection,
): Promise<readonly OpenedReporter[]> {
  const find = (requests: readonly ReporterRequest[]): readonly Found[] =>
    requests.map((request) => {
      const found = findReporter(project, request);
      requireKind(project, kind, found);
      return found;
    });
  const all = [
    ...(named === undefined ? configuredReporters(project, kind, fallback) : find(named)),
    ...find(added),
  ];
  return await Promise.all(
    all.map(async ({ entry, options, location }) => {
      const loaded = await loadIntoProcess(entry);
      const checked = checkOptions(loaded, options, location);
      return {
        name: entry.mark.definition.name,
        reporter: instantiate(loaded, checked, project.tools),
      };
    }),
  );
}

/** Where reporters write: the standard streams of the command, and the folder of results. */
export interface ReportDestination extends Omit<ReportOutput, 'write' | 'append'> {
  /** Absolute folder of results, at which relative paths start. */
  readonly results: string;
}

/** What came of reporting. */
export interface Reported {
  /** Reporters that failed; the others are done. */
  readonly failures: readonly HarnessError[];
  /** Absolute paths of the files that were written whole, in order. */
  readonly files: readonly string[];
}

/** Gives a report to reporters, one after another. Those that throw do not keep others from it. */
export async function runReporters(
  reporters: readonly OpenedReporter[],
  report: Report,
  { results, ...streams }: ReportDestination,
): Promise<Reported> {
  const failures: HarnessError[] = [];
  const files: string[] = [];
  const absolute = (path: string): string => (isAbsolute(path) ? path : resolve(results, path));
  const output: ReportOutput = {
    ...streams,
    write: async (path, text) => {
      await writeReport(absolute(path), text);
      files.push(absolute(path));
    },
    append: async (path, text) => await appendReport(absolute(path), text),
  };
  for (const { name, reporter } of reporters) {
    try {
      await reporter.report(report as never, output);
    } catch (cause) {
      const known = getHarnessErrors(cause);
      const problem = getErrorMessage(cause);
      failures.push(
        ...(known ?? [new PipelineError('reporterFailed', { reporter: name, problem }, { cause })]),
      );
    }
  }
  return { failures, files };
}

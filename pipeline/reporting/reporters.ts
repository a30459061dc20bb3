/** The reporters of a project: found by name and opened before the work begins. */
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Report } from '../../analysis/report.js';
import type { ResolvedConfig } from '../../core/config-schema.js';
import { checkOptions, instantiate } from '../../core/container.js';
import { loadIntoProcess } from '../planning/load-into-process.js';
import type { RegistryEntry } from '../../core/registry.js';
import type { Reporter } from '../../core/contracts.js';
import { PipelineError } from '../errors.js';
import type { Project } from '../project.js';
import { WrittenFiles } from './report-output.js';
import { resultsFolder } from './run-report.js';

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

const FileOption = z.looseObject({
  file: z.union([z.string(), z.record(z.string(), z.string())]),
});

/** The file of checked options for a kind of report; undefined where they name none. */
function getFile(options: unknown, kind: ReportKind): string | undefined {
  const { data } = FileOption.safeParse(options);
  return typeof data?.file === 'object' ? data.file[kind] : data?.file;
}

/**
 * Finds the reporters of a command and makes them, third-party ones in this process. @throws
 * HarnessError for unknown names and wrong options, and PipelineError where one that the command
 * line names cannot report this kind, or where two write to one file
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
  const ready = await Promise.all(
    all.map(async ({ entry, options, location }) => {
      const loaded = await loadIntoProcess(entry);
      return { entry, loaded, checked: checkOptions(loaded, options, location) };
    }),
  );
  const files = new WrittenFiles();
  for (const { entry, checked } of ready) {
    const file = getFile(checked, kind);
    if (file !== undefined)
      await files.claim(entry.mark.definition, resolve(resultsFolder(project), file));
  }
  return ready.map(({ entry, loaded, checked }) => ({
    name: entry.mark.definition.name,
    reporter: instantiate(loaded, checked, project.tools),
  }));
}

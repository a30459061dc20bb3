/** A reporter under test, and everything that it writes. */
import type { Report } from '../analysis/index.js';
import { frozen } from './detect-impurity.js';
import { SYNTHETIC_REPORTS } from './reporter-reports.js';
import { buildSubject, type PluginClass, type PluginSubject } from './subject.js';

/** A format that the suite can read back. */
export type ReportFormat = 'json' | 'xml' | 'csv';

/** What the reporter suite may be told. */
export interface ReporterSuite {
  readonly options?: object;
  /** Format of what it writes; files are also read by their ending (.json, .xml, .svg, .csv). */
  readonly format?: ReportFormat;
  /** Reports besides those of the suite. */
  readonly reports?: readonly Report[];
  /** Environment of the reporter; default: that of a GitHub job. */
  readonly env?: Readonly<Record<string, string>>;
}

/** One thing that a reporter wrote. `path` is null for standard output and standard error. */
export interface WrittenText {
  readonly to: 'print' | 'note' | 'write' | 'append';
  readonly path: string | null;
  readonly text: string;
}

/** A reporter under test. */
export interface ReporterSubject extends PluginSubject<'reporter'> {
  readonly format: ReportFormat | undefined;
  /** The kinds that it declares. */
  readonly declared: readonly string[];
  /** Reports of the kinds that it declares, frozen. */
  readonly reports: readonly Report[];
  /** Gives a report to a new instance. */
  readonly write: (report: Report, colour?: boolean) => Promise<readonly WrittenText[]>;
}

const GITHUB = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: 'summary.md' };

/** Prepares a reporter class for the rules. */
export function reporterSubject(plugin: PluginClass, suite: ReporterSuite): ReporterSubject {
  const subject = buildSubject('reporter', plugin, suite.options);
  const declared = subject.mark?.kind === 'reporter' ? subject.mark.definition.reports : [];
  const reports = [...Object.values(SYNTHETIC_REPORTS).flat(), ...(suite.reports ?? [])];
  return {
    ...subject,
    format: suite.format,
    declared,
    reports: reports.filter(({ kind }) => declared.includes(kind)).map(frozen),
    write: async (report, colour = false) => {
      const written: WrittenText[] = [];
      const add = (to: WrittenText['to'], path: string | null, text: string): void =>
        void written.push({ to, path, text });
      await subject.make().report(report as never, {
        print: (text) => add('print', null, text),
        note: (text) => add('note', null, text),
        write: (path, text) => Promise.resolve(add('write', path, text)),
        append: (path, text) => Promise.resolve(add('append', path, text)),
        colour,
        env: suite.env ?? GITHUB,
      });
      return written;
    },
  };
}

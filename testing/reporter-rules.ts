/** What reporters promise. */
import { isAbsolute } from 'node:path';
import type { Report } from '../analysis/index.js';
import { detectRandomness, digest } from './detect-impurity.js';
import { detectWriting } from './detect-writing.js';
import { findXmlProblem, parseCsv } from './read-formats.js';
import type { ReporterSubject, ReportFormat, WrittenText } from './reporter-subject.js';
import type { Rule } from './rule.js';

const KINDS: readonly string[] = ['run', 'comparison', 'check', 'pairs'];
const COLOUR = /\u001b\[[\d;]*m/g;
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

/** Looks at what each report leaves. */
async function everyReport(
  subject: ReporterSubject,
  look: (written: readonly WrittenText[], report: Report) => readonly string[],
  colour = false,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const report of subject.reports) {
    const written = await subject.write(report, colour);
    problems.push(...look(written, report).map((problem) => `${report.kind}: ${problem}`));
  }
  return problems;
}

const describeText = ({ to, path, text }: WrittenText): string =>
  `${to} ${path ?? ''} ${JSON.stringify(text.slice(0, 40))}`;

const ENDINGS: Readonly<Record<string, ReportFormat>> = {
  json: 'json',
  xml: 'xml',
  svg: 'xml',
  csv: 'csv',
};

function findCsvProblem(text: string): string | undefined {
  const widths = new Set(parseCsv(text).map((cells) => cells.length));
  return widths.size === 1 ? undefined : `lines have ${[...widths].join(' or ')} cells`;
}

function findFormatProblem(format: ReportFormat, text: string): string | undefined {
  if (format === 'xml') return findXmlProblem(text);
  if (format === 'csv') return findCsvProblem(text);
  JSON.parse(text);
  return undefined;
}

/** Reads one text back, where its format is known. */
function readBack(written: WrittenText, format: ReportFormat | undefined): readonly string[] {
  const ending = /\.(\w+)$/.exec(written.path ?? '')?.[1] ?? '';
  const known = written.to === 'note' ? undefined : (ENDINGS[ending] ?? format);
  if (known === undefined) return [];
  try {
    const problem = findFormatProblem(known, written.text);
    return problem === undefined ? [] : [`${describeText(written)} is not ${known}: ${problem}`];
  } catch (thrown) {
    return [`${describeText(written)} is not ${known}: ${String(thrown)}`];
  }
}

/** Rules about what a reporter does with a report. */
export const reporterRules: readonly Rule<ReporterSubject>[] = [
  {
    name: 'declares',
    sentence: 'declares which kinds of report it writes, each once',
    check: ({ mark, declared }) => {
      if (mark?.kind !== 'reporter') return [];
      const unknown = declared.filter((kind) => !KINDS.includes(kind));
      if (declared.length === 0) return ['it declares no kind of report'];
      if (new Set(declared).size < declared.length) return ['it declares a kind twice'];
      return unknown.map((kind) => `there is no kind of report "${kind}"`);
    },
  },
  {
    name: 'writes-each-kind',
    sentence: 'writes something for every report of the kinds that it declares',
    check: async (subject) =>
      await everyReport(subject, (written, report) => {
        // a run of which only the leaderboard is known has no curves
        const empty = report.kind === 'run' && report.call === null;
        return written.length > 0 || empty ? [] : ['nothing is written'];
      }),
  },
  {
    name: 'same-bytes',
    sentence: 'writes the same bytes for the same report, without clock and randomness',
    check: async (subject) => {
      const problems: string[] = [];
      for (const report of subject.reports) {
        let first: readonly WrittenText[] = [];
        const asked = await detectRandomness(async () => (first = await subject.write(report)));
        if (asked.length > 0) problems.push(`${report.kind}: it asks ${asked.join(', ')}`);
        if (digest(first) !== digest(await subject.write(report)))
          problems.push(`${report.kind}: the second time it writes something else`);
      }
      return problems;
    },
  },
  {
    name: 'given-output',
    sentence: 'writes only through the output that it is given',
    check: async (subject) => {
      const problems: string[] = [];
      for (const report of subject.reports) {
        const used = await detectWriting(async () => await subject.write(report));
        problems.push(...used.map((name) => `${report.kind}: it calls ${name} itself`));
      }
      return problems;
    },
  },
  {
    name: 'stays-in-folder',
    sentence: 'writes relative paths inside the folder of results, or the paths of its options',
    check: async (subject) => {
      const given = JSON.stringify(subject.given);
      const allowed = (path: string): boolean =>
        given.includes(JSON.stringify(path)) ||
        (!isAbsolute(path) && !path.split(/[/\\]/).includes('..'));
      return await everyReport(subject, (written) =>
        written
          .filter(({ to, path }) => to === 'write' && path !== null && !allowed(path))
          .map(({ path }) => `it writes to ${path ?? ''}`),
      );
    },
  },
  {
    name: 'plain-text',
    sentence: 'writes no control characters, except colours on standard output when they are on',
    check: async (subject) => {
      const look =
        (colour: boolean) =>
        (written: readonly WrittenText[]): readonly string[] =>
          written
            .filter(({ to, text }) =>
              CONTROL.test(colour && to === 'print' ? text.replace(COLOUR, '') : text),
            )
            .map((one) => `control characters in ${describeText(one)}`);
      return [
        ...(await everyReport(subject, look(false))),
        ...(await everyReport(subject, look(true), true)),
      ];
    },
  },
  {
    name: 'can-be-read',
    sentence: 'writes JSON, XML and CSV that can be read back',
    check: async (subject) =>
      await everyReport(subject, (written) =>
        written.flatMap((one) => readBack(one, subject.format)),
      ),
  },
];

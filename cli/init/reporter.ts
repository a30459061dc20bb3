import {
  className,
  contractTest,
  endings,
  packageFiles,
  type Files,
  type NewPlugin,
} from './package-files.js';

const SUMMARY = 'The ranked routers, one line each';

const ROUTER_LINE =
  "`${row.rank}. ${row.router}: ${row.metrics[column]?.[metric]?.value ?? '–'}\\n`";

/** The function that makes the text. */
const format = (
  typed: boolean,
): string => `/** The ranked routers and their values, the best one first. */
function format({ leaderboard }${typed ? ': RunReport' : ''})${typed ? ': string' : ''} {
  const { metric, column } = leaderboard.rankedBy;
  const lines = leaderboard.rows
    .filter((row) => row.rank !== null)
    .map((row) => ${ROUTER_LINE});
  return [\`Routers by \${metric} on \${column}\\n\`, ...lines].join('');
}
`;

const body = (options: string, indent: string): string =>
  [
    `if (${options}.file === undefined) output.print(format(report));`,
    `else await output.write(${options}.file, format(report));`,
  ]
    .map((line) => indent + line)
    .join('\n');

const OPTIONS = `z.strictObject({
  /** File to write; left out = standard output. */
  file: z.string().min(1).optional(),
})`;

const define = ({ name, style }: NewPlugin): string => {
  const typed = style !== 'javascript';
  return `import { defineReporter, z } from 'routerxbench';
${typed ? "import type { RunReport } from 'routerxbench/analysis';\n" : ''}
const Options = ${OPTIONS};

${format(typed)}
/** ${SUMMARY}. */
export const ${className(name)} = defineReporter(
  { name: '${name}', summary: '${SUMMARY}', reports: ['run'], options: Options },
  ({ options }) => ({
    report: async (report${typed ? ': RunReport' : ''}, output) => {
${body('options', '      ')}
    },
  }),
);
`;
};

const decorators = ({ name }: NewPlugin): string => `import {
  inject,
  OPTIONS,
  reporter,
  z,
  type Reporter,
  type ReportOutput,
} from 'routerxbench';
import type { RunReport } from 'routerxbench/analysis';

const Options = ${OPTIONS};

${format(true)}
/** ${SUMMARY}. */
@reporter({ name: '${name}', summary: '${SUMMARY}', reports: ['run'], options: Options })
export class ${className(name)} implements Reporter<RunReport> {
  constructor(@inject(OPTIONS) private readonly options: z.infer<typeof Options>) {}

  readonly report = async (report: RunReport, output: ReportOutput): Promise<void> => {
${body('this.options', '    ')}
  };
}
`;

/** A package with one reporter that works. */
export const reporterPackage = (plugin: NewPlugin): Files => ({
  ...packageFiles('reporter', plugin),
  [`src/${plugin.name}.${endings(plugin.style).code}`]: (plugin.style === 'decorators'
    ? decorators
    : define)(plugin),
  [`test/${plugin.name}.test.${endings(plugin.style).test}`]: contractTest(
    'reporterContract',
    plugin.name,
    '{}',
  ),
});

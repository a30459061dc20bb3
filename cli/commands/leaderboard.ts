/** The leaderboard of the last run, from its files; nothing is computed. */
import { onlyDeciding } from '../../analysis/leaderboard/only-deciding.js';
import type { RunReport } from '../../analysis/report.js';
import { PipelineError } from '../../pipeline/errors.js';
import { getMetricDefinitions } from '../../pipeline/planning/metrics.js';
import { getProjectMetrics } from '../../pipeline/project-metrics.js';
import { openCommandProject } from '../open-project.js';
import type { ReporterRequest } from '../../pipeline/reporting/reporters.js';
import { readRunReport } from '../../pipeline/reporting/run-report.js';
import type { ExitCode, Io } from '../io.js';
import { metricName, parseChoice } from '../flags.js';
import {
  namedReporters,
  openCommandReporters,
  reportWith,
  type ReporterFlags,
} from '../reporters.js';

/** Flags of the command. */
export interface LeaderboardFlags extends ReporterFlags {
  readonly metric?: string;
  readonly format?: string;
  readonly table?: string;
  readonly results?: string;
  readonly decides?: string;
  /** Of which run; left out = the last whole one. */
  readonly name?: string;
}

/** The reporters that `--format`, `--table` and `--metric` stand for. */
interface Formatted {
  /** Undefined where neither `--format` nor `--table` is given. */
  readonly named: readonly ReporterRequest[] | undefined;
  readonly json: ReporterRequest;
}

const COMMAND = 'leaderboard';

function parseFormat(options: LeaderboardFlags, metric: string | undefined): Formatted {
  const { format, table } = options;
  if (table !== undefined)
    parseChoice('--table', table, ['paper', 'robustness', 'routing'], COMMAND);
  const formats = ['table', 'markdown', 'csv', 'json', ...(table === 'paper' ? ['latex'] : [])];
  const name = parseChoice('--format', format ?? 'table', formats, COMMAND);
  const view = table === undefined ? {} : { table };
  const json: ReporterRequest = ['json', view];
  if (format === undefined && table === undefined) return { named: undefined, json };
  if (options.reporter !== undefined)
    throw new PipelineError('invalidOption', {
      option: '--reporter',
      value: options.reporter.join(', '),
      problem: 'it cannot be combined with --format or --table',
      command: COMMAND,
    });
  if (name === 'json') return { named: [json], json };
  return { named: [[name, { ...view, ...(metric === undefined ? {} : { metric }) }]], json };
}

/** The report of the routers that decide before, or after, the weak model has answered. */
function onlyThose(report: RunReport, decides: string | undefined): RunReport {
  if (decides === undefined) return report;
  const when = parseChoice('--decides', decides, ['before', 'after'], COMMAND);
  const leaderboard = onlyDeciding(report.leaderboard, when);
  const listed = new Set(leaderboard.rows.map(({ router }) => router));
  return {
    ...report,
    leaderboard,
    results: report.results.filter(({ router }) => listed.has(router)),
  };
}

/** Prints the leaderboard. */
export async function leaderboardCommand(options: LeaderboardFlags, io: Io): Promise<ExitCode> {
  const project = await openCommandProject(io, {
    configFile: options.config,
    ...(options.results === undefined ? {} : { flags: { results: options.results } }),
  });
  const definitions = getMetricDefinitions(await getProjectMetrics(project));
  const metric = metricName(options.metric, definitions, COMMAND, project.registry);
  const formatted = parseFormat(options, metric);
  const named = namedReporters(options, COMMAND, io) ?? formatted.named;
  const selection = { kind: 'run', named, fallback: ['table'] } as const;
  const reporters = await openCommandReporters(project, selection, options, io, formatted.json);
  const report = await readRunReport(project, metric, options.name);
  return await reportWith(reporters, onlyThose(report, options.decides), io);
}

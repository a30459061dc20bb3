/** `rxb check --baseline …`: is the run no worse than its baseline? */
import { resolve } from 'node:path';
import { PipelineError } from '../../pipeline/errors.js';
import type { ResolvedConfig } from '../../core/config-schema.js';
import { HarnessErrors, type HarnessError } from '../../core/errors.js';
import type { Comparison } from '../../analysis/comparison/compare.js';
import { judge, type GateResult, type Verdict } from '../../analysis/comparison/verdict.js';
import type { CheckReport } from '../../analysis/report.js';
import type { ReporterRequest } from '../../pipeline/reporting/reporters.js';
import { openComparedRun, readRunForComparison } from '../../pipeline/comparison/compared-run.js';
import type { ExitCode, Io } from '../io.js';
import { compareWithProgress } from '../compare-with-progress.js';
import { namedReporters, openCommandReporters, reportWith, worstExit } from '../reporters.js';
import { refuseIncomparable } from './compare.js';
import { findRunProblem, readPart } from './run-problem.js';
import { gateProject, type GateFlags } from './gate-project.js';
import type { ComparedRun } from '../../analysis/comparison/compared-run.js';
import { CliError } from '../errors.js';
import { unknownRun } from '../unknown-run.js';

/** Flags of the command. */
export interface CheckFlags extends GateFlags {
  readonly baseline?: string;
  readonly junit?: string;
  readonly markdown?: string;
  readonly strict?: boolean;
}

/** Refuses a run that lacks something that the gate checks: nothing passes by being absent. */
function refusePartial(
  baseline: ComparedRun,
  run: ComparedRun,
  routers: readonly string[] | undefined,
): void {
  const gated = baseline.cells.filter(({ router }) => routers?.includes(router) ?? true);
  const unknown =
    routers?.filter((router) => !baseline.cells.some((cell) => cell.router === router)) ?? [];
  const problems = [
    ...unknown.map(
      (router) => `${baseline.label} has no router "${router}", which gate.routers names`,
    ),
    ...gated
      .filter(
        ({ router, dataset }) =>
          !run.cells.some((cell) => cell.router === router && cell.dataset === dataset),
      )
      .map(({ router, dataset }) => `${run.label} has no result of ${router} on ${dataset}`),
  ].map((problem) => new CliError('cannotCheck', { problem }));
  if (problems.length === 1) throw problems[0] as HarnessError;
  if (problems.length > 1) throw new HarnessErrors(problems);
}

function getGateExitCode(verdict: Verdict, strict: boolean): ExitCode {
  if (verdict === 'fail') return 4;
  return verdict === 'inconclusive' && strict ? 5 : 0;
}

/** Reporters of `--junit FILE` and `--markdown FILE`. */
const fileReporters = (flags: CheckFlags, io: Io): readonly ReporterRequest[] =>
  (['junit', 'markdown'] as const).flatMap((name) => {
    const file = flags[name];
    return file === undefined ? [] : [[name, { file: resolve(io.cwd, file) }] as const];
  });

/**
 * Judges a comparison by the gate of the config.
 * @throws HarnessError where there is nothing to judge
 */
function judgeRun(compared: Comparison, { gate, statistics }: ResolvedConfig): GateResult {
  const averages = compared.columns
    .filter(({ kind }) => kind === 'average')
    .map((column) => column.name);
  const unknown = gate.columns?.find(
    (column) => !compared.columns.some((known) => known.name === column),
  );
  if (unknown !== undefined)
    throw new PipelineError('invalidConfig', {
      path: 'gate.columns',
      problem: `there is no column "${unknown}"; the columns are ${compared.columns.map((column) => column.name).join(', ')}`,
    });
  return judge(compared, gate.metrics, gate.columns ?? averages, statistics.level);
}

/** Compares, judges and reports. */
export async function checkCommand(flags: CheckFlags, io: Io): Promise<ExitCode> {
  const named = namedReporters(flags, 'check', io);
  const { config, project, folders, results, metrics: known } = await gateProject(flags, io);
  const { gate, statistics } = config;
  const selection = { kind: 'check', named, added: fileReporters(flags, io) } as const;
  const reporters = await openCommandReporters(project, selection, flags, io);
  const run = flags.run ?? config.name;
  const baseline = await openComparedRun(
    flags.baseline ?? resolve(results, 'baseline.json'),
    folders,
  );
  const candidate = await readRunForComparison(results, run);
  if (candidate === null) throw await unknownRun(results, run);
  const part = baseline.kind === 'run' ? await readPart(results, baseline.run) : null;
  const problem = await findRunProblem(results, run, { routers: gate.routers, part });
  if (problem !== null) throw new CliError('cannotCheck', { problem });
  const metrics = Object.keys(gate.metrics);
  refuseIncomparable(baseline, candidate, metrics, known);
  refusePartial(baseline, candidate, gate.routers);
  const compared = await compareWithProgress(baseline, candidate, io, {
    metrics,
    known,
    routers: gate.routers,
    statistics,
  });
  const judged = judgeRun(compared, config);
  if (judged.checks.length === 0)
    throw new CliError('cannotCheck', {
      problem: `${baseline.label} has no value of ${metrics.join(', ')} to compare the run with`,
    });
  const strict = flags.strict === true || gate.strict;
  const exitCode = getGateExitCode(judged.verdict, strict);
  const report: CheckReport = {
    kind: 'check',
    ...judged,
    run,
    baseline: flags.baseline ?? baseline.label,
    level: statistics.level,
    strict,
    exitCode,
    onlyBaseline: compared.only.before,
    onlyRun: compared.only.after,
  };
  return worstExit(exitCode, await reportWith(reporters, report, io));
}

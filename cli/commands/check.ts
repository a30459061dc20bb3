/** `rxb check --baseline …`: is the run no worse than its baseline? */
import { resolve } from 'node:path';
import { resample } from '../../pipeline/stages/resample.js';
import { type HarnessError, HarnessErrors } from '../../core/errors.js';
import { PipelineError } from '../../pipeline/errors.js';
import { compare, type Comparison } from '../../analysis/comparison/compare.js';
import { judge, type GateResult } from '../../analysis/comparison/verdict.js';
import {
  gateAnnotations,
  gateJunit,
  gateMarkdown,
  gateText,
  type GateSubject,
} from '../../plugins/reporters/_report/gate.js';
import { resultJson } from '../../storage/results/store.js';
import { appendReport, writeReport } from '../../storage/results/report-file.js';
import { openComparedRun, readRunForComparison } from '../../pipeline/comparison/compared-run.js';
import type { ExitCode, Io } from '../io.js';
import { progress } from '../progress.js';
import { refuseIncomparable } from './compare.js';
import { gateProject, type GateFlags } from './gate-project.js';
import type { ComparedRun } from '../../analysis/comparison/compared-run.js';
import { CliError } from '../errors.js';

/** Flags of the command. */
export interface CheckFlags extends GateFlags {
  readonly baseline?: string;
  readonly junit?: string;
  readonly markdown?: string;
  readonly strict?: boolean;
}

/** What the gate holds a run to, and the run lacks: nothing may pass by not being there. */
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

const getGateExitCode = ({ verdict }: GateResult, strict: boolean): ExitCode =>
  verdict === 'fail' ? 4 : verdict === 'inconclusive' && strict ? 5 : 0;

/** Compares, judges, and reports in every form that is asked for. */
export async function checkCommand(flags: CheckFlags, io: Io): Promise<ExitCode> {
  const { config, folders, results, metrics, definitions } = await gateProject(flags, io);
  const { gate, statistics } = config;
  const name = flags.run ?? config.name;
  const baseline = await openComparedRun(
    flags.baseline ?? resolve(results, 'baseline.json'),
    folders,
  );
  const run = await readRunForComparison(results, name);
  if (run === null)
    throw new CliError('unknownRun', { run: name, folder: `${config.results}/runs` });
  refuseIncomparable(baseline, run);
  refusePartial(baseline, run, gate.routers);
  const observer = progress(io, false);
  const task = observer.task('resample', statistics.resamples, 0);
  let compared: Comparison;
  try {
    compared = await compare(baseline, run, {
      metrics: Object.keys(gate.metrics),
      definitions,
      routers: gate.routers,
      statistics,
      signal: io.signal,
      resample: (jobs, how) => resample(metrics, jobs, how),
      advance: (by) => task.advance(by),
    });
  } finally {
    task.end();
    observer.end();
  }
  const averages = compared.columns
    .filter(({ kind }) => kind === 'average')
    .map((column) => column.name);
  const strange = gate.columns?.find(
    (column) => !compared.columns.some((known) => known.name === column),
  );
  if (strange !== undefined)
    throw new PipelineError('invalidConfig', {
      path: 'gate.columns',
      problem: `there is no column "${strange}"; the columns are ${compared.columns.map((column) => column.name).join(', ')}`,
    });
  const judged = judge(compared, gate.metrics, gate.columns ?? averages, statistics.level);
  if (judged.checks.length === 0)
    throw new CliError('cannotCheck', {
      problem: `${baseline.label} has no value of ${Object.keys(gate.metrics).join(', ')} to compare the run with`,
    });
  const strict = flags.strict === true || gate.strict;
  const subject: GateSubject = {
    run: name,
    baseline: flags.baseline ?? baseline.label,
    level: statistics.level,
    onlyBaseline: compared.only.before,
    onlyRun: compared.only.after,
  };
  if (flags.junit !== undefined)
    await writeReport(resolve(io.cwd, flags.junit), gateJunit(subject, judged, strict));
  if (flags.markdown !== undefined)
    await writeReport(resolve(io.cwd, flags.markdown), gateMarkdown(subject, judged));
  const summary = io.env['GITHUB_STEP_SUMMARY'];
  if (summary !== undefined && summary !== '')
    await appendReport(summary, gateMarkdown(subject, judged));
  if (io.env['GITHUB_ACTIONS'] === 'true') io.err(gateAnnotations(judged));
  const exitCode = getGateExitCode(judged, strict);
  if (flags.json === true)
    io.out(resultJson({ verdict: judged.verdict, exitCode, ...subject, checks: judged.checks }));
  else io.out(gateText(subject, judged));
  return exitCode;
}

/** run, prepare, train, eval. */
import { findSuspiciousRouters } from '../../analysis/suspicious-routers.js';
import { summarizeRun } from '../../analysis/run-summary.js';
import { getMetricDefinitions } from '../../pipeline/planning/metrics.js';
import { getProjectMetrics } from '../../pipeline/project-metrics.js';
import type { Overrides } from '../../pipeline/config/overrides.js';
import { answerCountsText } from '../../pipeline/stages/answer-counts.js';
import { failedRowsText } from '../../pipeline/stages/failed-rows.js';
import { sharedText } from '../../pipeline/hygiene.js';
import type { Project } from '../../pipeline/project.js';
import { openCommandProject } from '../open-project.js';
import { buildRunReport, shownPath } from '../../pipeline/reporting/run-report.js';
import {
  countCalls,
  runStages,
  type RunOptions,
  type RunOutcome,
  type Stage,
} from '../../pipeline/run.js';
import { describePrinted } from '../../pipeline/failure-text.js';
import { PARTS } from '../../pipeline/stages/prepare.js';
import { checkData } from './check-data.js';
import { metricName, parseChoice, positive, wholeNumber, words } from '../flags.js';
import { dryRunTable, computeTotal } from '../dry-run-table.js';
import { printJson, type ExitCode, type Io } from '../io.js';
import { errorsJson, getExitCode, printErrors } from '../print-errors.js';
import { progress } from '../progress.js';
import {
  namedReporters,
  openCommandReporters,
  reportWith,
  worstExit,
  type ReporterFlags,
} from '../reporters.js';

/** Flags of the four commands. */
export interface StageFlags extends ReporterFlags {
  readonly datasets?: string;
  readonly routers?: string;
  readonly limit?: string;
  readonly seed?: string;
  readonly results?: string;
  readonly name?: string;
  readonly only?: string;
  readonly weights?: string;
  readonly metric?: string;
  readonly offline?: boolean;
  readonly check?: boolean;
  readonly dataDir?: string;
  readonly trust?: string;
  readonly dryRun?: boolean;
  readonly budgetUsd?: string;
  readonly maxErrors?: string;
  readonly retryErrors?: boolean;
  readonly perturb?: boolean;
}

/** Values that flags set over the config. */
function getOverrides(command: string, options: StageFlags): Overrides {
  const limit = wholeNumber('--limit', options.limit, 1, command);
  const seed = wholeNumber('--seed', options.seed, -(2 ** 31), command);
  const trust = words('--trust', options.trust, command);
  return {
    ...(trust === undefined ? {} : { trust }),
    ...(options.perturb === undefined ? {} : { perturb: true }),
    ...(limit === undefined ? {} : { limit }),
    ...(seed === undefined ? {} : { seed }),
    ...(options.results === undefined ? {} : { results: options.results }),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.offline === undefined && options.check === undefined ? {} : { offline: true }),
    ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
    datasets: words('--datasets', options.datasets, command),
    routers: words('--routers', options.routers, command),
  };
}

/** What to run, as flags say it. */
function getRunOptions(
  command: string,
  stages: readonly Stage[],
  options: StageFlags,
): Omit<RunOptions, 'signal' | 'observer'> {
  const { budgetUsd } = options;
  return {
    stages,
    only: words('--only', options.only, command)?.map((part) =>
      parseChoice('--only', part, PARTS, command),
    ),
    datasets: words('--datasets', options.datasets, command),
    routers: words('--routers', options.routers, command),
    weights: options.weights,
    budgetUsd: budgetUsd === undefined ? undefined : positive('--budget-usd', budgetUsd, command),
    maxErrors: wholeNumber('--max-errors', options.maxErrors, 0, command),
    retryErrors: options.retryErrors,
    offline: options.offline,
  };
}

/** Whether no model is asked, so that no key is needed. */
const asksNothing = (stages: readonly Stage[], { dryRun, check, offline }: StageFlags): boolean =>
  dryRun === true || check === true || offline === true || !stages.includes('prepare');

/** Runs the stages and reports what came of them. */
export async function stagesCommand(
  command: string,
  stages: readonly Stage[],
  options: StageFlags,
  io: Io,
): Promise<ExitCode> {
  const flags = getOverrides(command, options);
  const named = namedReporters(options, command, io);
  const observer = progress(io, options.quiet === true);
  const how: RunOptions = {
    ...getRunOptions(command, stages, options),
    signal: io.signal,
    observer,
  };
  try {
    const project = await openCommandProject(io, {
      configFile: options.config,
      flags,
      keyless: asksNothing(stages, options),
      observer,
      signal: io.signal,
    });
    const definitions =
      options.metric === undefined ? [] : getMetricDefinitions(await getProjectMetrics(project));
    const metric = metricName(options.metric, definitions, command, project.registry);
    const json = options.json === true;
    if (options.check === true)
      return await checkData(project, { datasets: how.datasets, routers: how.routers, json }, io);
    if (options.dryRun === true) {
      const lines = await countCalls(project, how);
      observer.end();
      if (json) printJson(io, { ...computeTotal(lines), lines });
      else io.out(dryRunTable(lines));
      return 0;
    }
    if (!stages.includes('eval')) {
      const outcome = await runStages(project, how);
      observer.end();
      printAnswers(outcome, project, io);
      return printStages(outcome, command === 'prepare', json, io);
    }
    const reporters = await openCommandReporters(project, { kind: 'run', named }, options, io);
    const outcome = await runStages(project, how);
    observer.end();
    printAnswers(outcome, project, io);
    const { evaluated } = outcome;
    if (evaluated === null) throw new Error('the stage eval left no leaderboard');
    const report = buildRunReport(project, outcome, evaluated, metric);
    const reported = await reportWith(reporters, report, io);
    for (const sentence of findSuspiciousRouters(outcome.results)) io.err(`warning: ${sentence}\n`);
    return worstExit(reported, printFailures(outcome, io));
  } finally {
    observer.end();
  }
}

/** Prints how many answers were thought about, cut off, or could not be read. */
function printAnswers({ call }: RunOutcome, { config }: Project, io: Io): void {
  io.err(answerCountsText(call.answers ?? [], config.protocol.unread));
}

/** Prints rows and routers that failed, and gives the exit code. */
function printFailures({ failures, failed, printed, call }: RunOutcome, io: Io): ExitCode {
  io.err(failedRowsText(call.failedRows ?? []));
  if (failures.length === 0) return 0;
  printErrors(failures, io);
  for (const { router } of failed) {
    const text = describePrinted(printed.get(router) ?? '');
    if (text !== '') io.err(`router "${router}":\n${text}\n`);
  }
  return getExitCode(failures);
}

/** What came of stages that make no leaderboard. */
function printStages(outcome: RunOutcome, prepared: boolean, json: boolean, io: Io): ExitCode {
  const { call, run, failures, folder, overlap } = outcome;
  if (json)
    printJson(io, {
      run,
      modelCalls: call.modelCalls,
      spend: call.spend,
      seconds: call.seconds,
      folder: shownPath(io.cwd, folder),
      board: null,
      failures: errorsJson(failures),
      overlap,
    });
  else {
    if (prepared) io.out(overlap.map((shared) => `${sharedText(shared)}\n`).join(''));
    io.out(`${summarizeRun(call)}\n`);
  }
  return printFailures(outcome, io);
}

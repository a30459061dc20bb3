/** run, prepare, train, eval. */
import { join, relative, resolve } from 'node:path';
import type { Overrides } from '../../core/config.js';
import { sharedText } from '../../pipeline/hygiene.js';
import { openProject } from '../../pipeline/project.js';
import {
  hasRobustness,
  robustnessTable,
  robustnessText,
} from '../../plugins/reporters/_report/robustness.js';
import { renderLeaderboardTable, uncertaintyText } from '../../plugins/reporters/_report/table.js';
import {
  countCalls,
  runStages,
  type RunOptions,
  type RunOutcome,
  type Stage,
} from '../../pipeline/run.js';
import { getMetricDefinitions } from '../../pipeline/planning/metrics.js';
import { PARTS } from '../../pipeline/stages/prepare.js';
import { checkData } from './check-data.js';
import { metricsAt } from '../metrics.js';
import { metricName, parseChoice, positive, wholeNumber, words } from '../flags.js';
import { dryRunTable, computeTotal } from '../dry-run-table.js';
import { printJson, type ExitCode, type GlobalOptions, type Io } from '../io.js';
import { errorsJson, getExitCode, printErrors } from '../print-errors.js';
import { progress } from '../progress.js';

/** Flags of the four commands. */
export interface StageFlags extends GlobalOptions {
  readonly quiet?: boolean;
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

/** Runs the stages and prints what came of them. */
export async function stagesCommand(
  command: string,
  stages: readonly Stage[],
  options: StageFlags,
  io: Io,
): Promise<ExitCode> {
  const limit = wholeNumber('--limit', options.limit, 1, command);
  const budgetUsd =
    options.budgetUsd === undefined
      ? undefined
      : positive('--budget-usd', options.budgetUsd, command);
  const maxErrors = wholeNumber('--max-errors', options.maxErrors, 0, command);
  const seed = wholeNumber('--seed', options.seed, -(2 ** 31), command);
  const metric =
    options.metric === undefined
      ? undefined
      : metricName(options.metric, getMetricDefinitions(await metricsAt(options, io)), command);
  const only = words('--only', options.only, command)?.map((part) =>
    parseChoice('--only', part, PARTS, command),
  );
  const datasets = words('--datasets', options.datasets, command);
  const routers = words('--routers', options.routers, command);
  const trust = words('--trust', options.trust, command);
  const flags: Overrides = {
    ...(trust === undefined ? {} : { trust }),
    ...(options.perturb === undefined ? {} : { perturb: true }),
    ...(limit === undefined ? {} : { limit }),
    ...(seed === undefined ? {} : { seed }),
    ...(options.results === undefined ? {} : { results: options.results }),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.offline === undefined && options.check === undefined ? {} : { offline: true }),
    ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
  };
  const observer = progress(io, options.quiet === true);
  try {
    const project = await openProject({
      cwd: io.cwd,
      configFile: options.config,
      flags,
      env: io.env,
      observer,
      signal: io.signal,
    });
    if (options.check === true)
      return await checkData(project, { datasets, routers, json: options.json === true }, io);
    const { retryErrors, offline } = options;
    const how: RunOptions = {
      stages,
      only,
      datasets,
      routers,
      weights: options.weights,
      signal: io.signal,
      observer,
      budgetUsd,
      maxErrors,
      retryErrors,
      offline,
    };
    if (options.dryRun === true) {
      const lines = await countCalls(project, how);
      observer.end();
      if (options.json === true) printJson(io, { ...computeTotal(lines), lines });
      else io.out(dryRunTable(lines));
      return 0;
    }
    const outcome = await runStages(project, how);
    observer.end();
    return report(
      outcome,
      {
        prepared: command === 'prepare',
        metric,
        json: options.json === true,
        results: resolve(project.folder, project.config.results),
      },
      io,
    );
  } finally {
    observer.end();
  }
}

const callsMade = (calls: RunOutcome['record']['modelCalls']): string => {
  const made = Object.entries(calls).filter(([, count]) => count > 0);
  if (made.length === 0) return '0 model calls: everything was found finished';
  return `${made.reduce((sum, [, count]) => sum + count, 0)} model calls (${made.map(([name, count]) => `${name} ${count}`).join(', ')})`;
};

/** What was paid, in words; nothing where no model costs anything. */
function spent({ usd, models }: RunOutcome['record']['spend']): string {
  const all = Object.values(models);
  if (all.length === 0) return '';
  const cached = all.reduce((sum, entry) => sum + entry.cached, 0);
  const failed = all.reduce((sum, entry) => sum + entry.failed, 0);
  return [
    usd === null ? ', US$ unknown' : `, US$ ${usd.toFixed(4)}`,
    ...(cached > 0 ? [`${cached} replies from the cache`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ].join(', ');
}

function report(
  outcome: RunOutcome,
  how: {
    readonly prepared: boolean;
    readonly metric: string | undefined;
    readonly json: boolean;
    readonly results: string;
  },
  io: Io,
): ExitCode {
  const { leaderboard, record, failures, folder } = outcome;
  const shown = (path: string): string => {
    const short = relative(io.cwd, path);
    return short === '' || short.startsWith('..') ? path : short;
  };
  if (how.json) {
    printJson(io, {
      run: record.run,
      modelCalls: record.modelCalls,
      spend: record.spend,
      seconds: record.seconds,
      folder: shown(folder),
      board: leaderboard,
      failures: errorsJson(failures),
      overlap: outcome.overlap,
    });
  } else {
    if (leaderboard !== null)
      io.out(
        `${renderLeaderboardTable(leaderboard, { metric: how.metric ?? leaderboard.rankedBy.metric, metrics: outcome.metrics, colour: io.colour, width: io.width })}\n\n`,
      );
    const intervals = leaderboard === null ? undefined : uncertaintyText(leaderboard);
    if (intervals !== undefined) io.out(`${intervals}\n`);
    if (leaderboard !== null && hasRobustness(leaderboard))
      io.out(`\n${robustnessTable(leaderboard)}\n\n${robustnessText(leaderboard)}\n`);
    if (how.prepared) io.out(outcome.overlap.map((shared) => `${sharedText(shared)}\n`).join(''));
    io.out(
      `${callsMade(record.modelCalls)}${spent(record.spend)}, ${record.seconds.toFixed(1)} s.\n`,
    );
    if (leaderboard !== null)
      io.out(
        `Board: ${shown(join(how.results, 'leaderboard.md'))}. Results and curves: ${shown(folder)}.\n`,
      );
  }
  if (failures.length === 0) return 0;
  printErrors(failures, io);
  return getExitCode(failures);
}

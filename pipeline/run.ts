/** The stages in their order, and what a call leaves behind. */
import { resolve } from 'node:path';
import { HarnessError, HarnessErrors } from '../core/errors.js';
import { sharedText, type SharedQuestions } from './hygiene.js';
import type { MetricDefinition } from '../core/definitions.js';
import { listCodeChanges, writeMadeBy } from './code/changes.js';
import { getMetricDefinitions } from './planning/metrics.js';
import { closeContext, closeModels, openContext, type ContextOptions } from './open-context.js';
import { makePlan } from './plan.js';
import type { Project } from './project.js';
import { getLeaderboardOptions, buildLeaderboard } from '../analysis/leaderboard/leaderboard.js';
import type { Resampled } from '../analysis/leaderboard/intervals.js';
import { asWritten, runFolder, writeLeaderboard, writeOverlap } from '../storage/results/store.js';
import { claimFolder } from '../storage/owned-folder.js';
import { removeOtherResults } from '../storage/results/remove-other.js';
import type { AnswerCounts, Leaderboard, RouterResult, RunCall } from '../storage/results/types.js';
import type { RunContext } from './run-context.js';
import { openRecord } from './run-record.js';
import { keepFailures } from './failure-text.js';
import { dryRun, type DryRunLine } from './stages/dry-run.js';
import { evaluate } from './stages/evaluate.js';
import { countAnswers } from './stages/answer-counts.js';
import { findFailedModels, readFailedRows } from './stages/failed-rows.js';
import { prepare } from './stages/prepare.js';
import { namePrepared, openTested, type Prepared } from './stages/prepared.js';
import type { Observer } from '../storage/observer.js';
import { setProvenance } from './stages/result-provenance.js';
import { readResamples } from './stages/uncertainty.js';
import { findPrice } from './spending/prices.js';
import { adoptBorrowed, chooseOptions, type Chosen } from './stages/choose.js';
import { train, type Trained } from './stages/train.js';
import { borrowWeights, nameWeights } from './stages/weights.js';
import type { FailedRouter, Plan, Selection } from './planning/planned.js';
import { PipelineError } from './errors.js';

/** A stage of a run. */
export type Stage = 'prepare' | 'train' | 'eval';

/** What to do. */
export interface RunOptions extends Selection, Omit<ContextOptions, 'selection'> {
  readonly stages: readonly Stage[];
  /** Parts of preparing; left out = all. */
  readonly only?: readonly string[] | undefined;
  /** Folder of a run whose weights to score with, instead of this run's own. */
  readonly weights?: string | undefined;
}

/** What a call did. */
export interface RunOutcome {
  /** Of this call. */
  readonly results: readonly RouterResult[];
  readonly run: string;
  /** What the call did and cost. */
  readonly call: RunCall;
  /** Null where nothing was evaluated. */
  readonly evaluated: Evaluated | null;
  /** All that routers were measured with, in the order in which they are shown. */
  readonly metrics: readonly MetricDefinition[];
  /** Errors of routers that failed, and of models that gave nearly nothing; the others are done. */
  readonly failures: readonly HarnessError[];
  /** The same errors by router. */
  readonly failed: readonly FailedRouter[];
  /** The end of what routers printed in processes of their own. */
  readonly printed: ReadonlyMap<string, string>;
  /** Splits that share questions. */
  readonly overlap: readonly SharedQuestions[];
  readonly folder: string;
}

/** What eval leaves besides files. */
export interface Evaluated {
  readonly leaderboard: Leaderboard;
  /** Every result on the leaderboard. */
  readonly results: readonly RouterResult[];
  /** Test sets, in the order of the config. */
  readonly sets: readonly string[];
}

/** What the stages of a call did. */
interface StagesDone {
  /** The plan with the options that were chosen for its routers. */
  readonly plan: Plan;
  readonly trained: Trained | null;
  readonly results: readonly RouterResult[];
  readonly failed: readonly FailedRouter[];
  /** Handles of all that the plan is made of. */
  readonly prepared: Prepared;
}

const openRun = (project: Project, plan: Plan, options: RunOptions): RunContext => {
  const { datasets, routers } = options;
  return openContext(project, plan, { ...options, selection: { datasets, routers } });
};

/** The routers with their options: as they were chosen, or as borrowed weights have them. */
async function settleOptions(
  context: RunContext,
  prepared: Prepared,
  stages: RunOptions['stages'],
  lender: string | null,
): Promise<Chosen> {
  const { routers } = context.plan;
  const fits = stages.includes('train');
  if (lender !== null)
    return { routers: await adoptBorrowed(routers, lender), failed: [], fits: null };
  return fits || stages.includes('eval')
    ? await chooseOptions(context, prepared, { fits })
    : { routers, failed: [], fits: null };
}

/** What fitting yielded, with the fits of the trials before it. */
const withFits = (trained: Trained, trials: Chosen['fits']): Trained => ({
  ...trained,
  trainers: [...new Set([...trained.trainers, ...(trials?.trainers ?? [])])].sort(),
  threads: Math.max(trained.threads, trials?.threads ?? 0),
});

/**
 * Runs the stages that are asked for, each with what the one before returned; what earlier calls
 * have made is opened.
 */
async function work(
  context: RunContext,
  folder: string,
  { stages, only, weights }: RunOptions,
): Promise<StagesDone> {
  let prepared: Prepared;
  if (stages.includes('prepare')) prepared = await prepare(context, only);
  else if (stages.includes('eval')) prepared = await openTested(context);
  else prepared = namePrepared(context);
  const lender = weights === undefined ? null : resolve(context.plan.project.folder, weights);
  const chosen = await settleOptions(context, prepared, stages, lender);
  const plan = { ...context.plan, routers: chosen.routers };
  const settled = { ...context, plan };
  const trained = stages.includes('train')
    ? withFits(await train(settled, prepared, folder), chosen.fits)
    : null;
  const unfitted = [...chosen.failed, ...(trained?.failed ?? [])];
  if (!stages.includes('eval')) return { plan, trained, results: [], failed: unfitted, prepared };
  const routers = plan.routers.filter(
    ({ name }) => !unfitted.some(({ router }) => router === name),
  );
  const evaluated = await evaluate(
    { ...settled, plan: { ...plan, routers } },
    prepared,
    {
      weights:
        lender === null
          ? (trained?.weights ?? nameWeights(settled, prepared))
          : borrowWeights(settled, lender),
      borrowed: lender !== null,
    },
    folder,
  );
  return {
    plan,
    trained,
    results: evaluated.results,
    failed: [...unfitted, ...evaluated.failed],
    prepared,
  };
}

/**
 * Plans and runs the stages. Finished work of earlier calls is used, so the same call again
 * resumes.
 */
export async function runStages(project: Project, options: RunOptions): Promise<RunOutcome> {
  const started = new Date();
  const plan = await makePlan(project, options);
  if (options.budgetUsd !== undefined) await refuseUnpriced(plan);
  const folder = runFolder(resolve(project.folder, project.config.results), project.config.name);
  const context = openRun(project, plan, options);
  const overlap = [...plan.shared, ...plan.between()];
  warnOfUnusable(plan, context.observer);
  for (const shared of plan.shared) context.observer.warn(sharedText(shared));
  const { stages } = options;
  await claimFolder(context.results, 'results');
  const record = await openRecord(context, folder, started);
  let done: StagesDone | undefined;
  try {
    await tellCodeChanges(context);
    await record.write({ stages, ended: false, trained: null }, plan.refused);
    await writeOverlap(folder, overlap);
    done = await work(context, folder, options);
  } finally {
    await closeContext(context);
    // what was spent is kept, however the call ends
    if (done === undefined)
      await record.write({ stages, ended: false, trained: null }, plan.refused);
  }
  const failed = [...plan.refused, ...done.failed];
  const failedRows = await readFailedRows(context, done.prepared);
  const answers = await countAnswers(context, done.prepared);
  const failures = [
    ...findFailedModels(failedRows),
    ...failed.flatMap(({ router, errors }) => errors.map((error) => inRow(error, router))),
  ];
  const evaluated = stages.includes('eval')
    ? await writeBoards(context, done, answers, folder)
    : null;
  failures.push(...plan.metrics.flatMap((metric) => metric.broken() ?? []));
  const { printed } = context;
  await keepFailures(
    folder,
    plan.routers.map(({ name }) => name),
    failed,
    printed,
  );
  const call = await record.write(
    { stages, ended: true, trained: done.trained, failedRows, answers },
    failed,
  );
  const metrics = getMetricDefinitions(plan.metrics);
  const { results } = done;
  const run = project.config.name;
  return { run, results, call, evaluated, metrics, failures, failed, printed, overlap, folder };
}

/**
 * Makes the leaderboard of the results, in the folder of the run; one of all that the config
 * describes becomes that of the project. Results of other configurations leave the folder.
 */
async function writeBoards(
  context: RunContext,
  { plan, prepared, results }: StagesDone,
  answers: readonly AnswerCounts[],
  folder: string,
): Promise<Evaluated> {
  const isPart = plan.project.part !== null;
  await removeOtherResults(folder, results);
  // else the last digits of averages would tell which were written just now
  const written = results.map(asWritten);
  const leaderboard = buildLeaderboard(written, {
    ...getLeaderboardOptions(
      plan.project.config,
      getMetricDefinitions(plan.metrics),
      buildProvenance({ ...context, plan }, prepared, answers),
    ),
    resampled: await readResampled(context, written),
  });
  for (const at of isPart ? [folder] : [folder, context.results])
    await writeLeaderboard(at, leaderboard);
  const sets = plan.sets.filter(({ tested }) => tested).map(({ name }) => name);
  return { leaderboard, results: written, sets };
}

/** The error with the name of the router's row, where it says neither that nor another location. */
function inRow(error: HarnessError, router: string): HarnessError {
  if (error.location !== undefined || error.problem.includes(`"${router}"`)) return error;
  const named = new HarnessError({ ...error.toData(), location: `router "${router}"` });
  named.cause = error.cause;
  return named;
}

/** Says before anything costs time what the run goes on without. */
function warnOfUnusable({ project, refused, unopened }: Plan, observer: Observer): void {
  const told = new Set<string>();
  const warn = (what: string, { code, problem }: HarnessError): void => {
    if (!told.has(problem)) observer.warn(`${what}: ${code} ${problem}`);
    told.add(problem);
  };
  for (const { router, errors } of refused)
    for (const error of errors) warn(`the run goes on without router "${router}"`, error);
  for (const [model, { errors }] of unopened)
    for (const error of errors) warn(`the run goes on without model "${model}"`, error);
  for (const { package: name, error } of project.registry.plugins.unusable)
    warn(`the run goes on without plugins of ${name}`, error);
}

/** Tells once what code changed since the stored results were made. */
async function tellCodeChanges({ plan, results, observer }: RunContext): Promise<void> {
  for (const change of await listCodeChanges(results, plan)) observer.warn(change);
  await writeMadeBy(results, plan);
}

/** The stored resampled metrics of all results on the leaderboard. */
async function readResampled(
  context: RunContext,
  all: readonly RouterResult[],
): Promise<Resampled> {
  const { level, resamples } = context.plan.project.config.statistics;
  const stored = new Map<RouterResult, Float32Array>();
  for (const result of all) {
    const hash = result.provenance['resamples'];
    const values =
      typeof hash === 'string' ? await readResamples(context.results, hash) : undefined;
    if (values !== undefined) stored.set(result, values);
  }
  return {
    level,
    resamples,
    metrics: context.plan.metrics.map(({ definition }) => definition.name),
    ranges: new Map(
      context.plan.metrics.map(({ definition }) => [definition.name, definition.range]),
    ),
    getValues: (result) => stored.get(result),
  };
}

/** Counts what the stages would ask of models, without asking. */
export async function countCalls(
  project: Project,
  options: RunOptions,
): Promise<readonly DryRunLine[]> {
  const plan = await makePlan(project, options);
  const context = openRun(project, plan, options);
  warnOfUnusable(plan, context.observer);
  try {
    return await dryRun(context);
  } finally {
    await closeContext(context);
  }
}

/** A budget needs a known price for every model. */
async function refuseUnpriced(plan: Plan): Promise<void> {
  const { prices } = plan.project.config;
  const unknown = [...plan.models.values()].filter(
    ({ name, info }) => info.remote !== undefined && findPrice(prices, info.name, name) === null,
  );
  if (unknown.length === 0) return;
  await closeModels(plan);
  throw new HarnessErrors(
    unknown.map(
      ({ name, info }) => new PipelineError('missingPrice', { model: name, name: info.name }),
    ),
  );
}

/** The models and sets that every row of the leaderboard was made from. */
const buildProvenance = (
  context: RunContext,
  prepared: Prepared,
  answers: readonly AnswerCounts[],
): Leaderboard['provenance'] => ({
  models: Object.fromEntries(
    [...context.plan.models.values()].map(({ name, backend, info }) => [
      name,
      { backend, fingerprint: info.fingerprint },
    ]),
  ),
  datasets: Object.fromEntries(
    prepared.sets
      .filter(({ set }) => set.tested)
      .map((stored) => [stored.set.name, setProvenance(context, stored)]),
  ),
  answers: prepared.sets
    .filter(({ set }) => set.tested)
    .flatMap(({ test: { queries } }) =>
      answers.filter(({ dataset }) => dataset === `${queries.dataset}/${queries.split}`),
    )
    .map((counts) => ({ ...counts })),
});

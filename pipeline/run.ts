/** The stages in their order, and what a call leaves behind. */
import { resolve } from 'node:path';
import { getHarnessVersion } from '../core/packages.js';
import { HarnessError, HarnessErrors } from '../core/errors.js';
import { sharedText, type SharedQuestions } from './hygiene.js';
import type { MetricDefinition } from '../core/definitions.js';
import { listCodeChanges, writeMadeBy } from './code/changes.js';
import { getMetricDefinitions } from './planning/metrics.js';
import { closeContext, closeModels, openContext, type ContextOptions } from './open-context.js';
import { makePlan } from './plan.js';
import type { Project } from './project.js';
import { gitState, hostFacts, nodeVersion } from './provenance.js';
import { getLeaderboardOptions, buildLeaderboard } from '../analysis/leaderboard/leaderboard.js';
import type { Resampled } from '../analysis/leaderboard/intervals.js';
import {
  asWritten,
  readResults,
  runFolder,
  writeOverlap,
  writeRun,
} from '../storage/results/store.js';
import type { Leaderboard, RouterResult, RunRecord } from '../storage/results/types.js';
import type { RunContext } from './run-context.js';
import { dryRun, type DryRunLine } from './stages/dry-run.js';
import { evaluate } from './stages/evaluate.js';
import { prepare } from './stages/prepare.js';
import { namePrepared, openTested, type Prepared } from './stages/prepared.js';
import type { Observer } from '../storage/observer.js';
import { setProvenance } from './stages/result-provenance.js';
import { readResamples } from './stages/uncertainty.js';
import { findPrice } from './spending/prices.js';
import { train, type Trained } from './stages/train.js';
import { borrowWeights, nameWeights } from './stages/weights.js';
import { canonicalJson } from '../core/util/canonical-json.js';
import { quantile } from '../analysis/util/quantile.js';
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
  readonly record: RunRecord;
  /** Null where nothing was evaluated. */
  readonly evaluated: Evaluated | null;
  /** All that routers were measured with, in the order in which they are shown. */
  readonly metrics: readonly MetricDefinition[];
  /** Errors of the routers that failed; the others are done. */
  readonly failures: readonly HarnessError[];
  /** The same errors by router. */
  readonly failed: readonly FailedRouter[];
  /** Splits that share questions. */
  readonly overlap: readonly SharedQuestions[];
  readonly folder: string;
}

/** What eval leaves besides files. */
export interface Evaluated {
  readonly leaderboard: Leaderboard;
  /** Every result on the leaderboard, those of earlier calls too. */
  readonly results: readonly RouterResult[];
  /** Test sets, in the order of the config. */
  readonly sets: readonly string[];
}

/** What the stages of a call did. */
interface StagesDone {
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

/**
 * Runs the stages that are asked for, each with what the one before returned; what earlier calls
 * have made is opened.
 */
async function work(
  context: RunContext,
  folder: string,
  { stages, only, weights }: RunOptions,
): Promise<StagesDone> {
  const { plan } = context;
  let prepared: Prepared;
  if (stages.includes('prepare')) prepared = await prepare(context, only);
  else if (stages.includes('eval')) prepared = await openTested(context);
  else prepared = namePrepared(context);
  const trained = stages.includes('train') ? await train(context, prepared, folder) : null;
  const unfitted = trained?.failed ?? [];
  if (!stages.includes('eval')) return { trained, results: [], failed: unfitted, prepared };
  const routers = plan.routers.filter(
    ({ name }) => !unfitted.some(({ router }) => router === name),
  );
  const fitted =
    weights === undefined
      ? (trained?.weights ?? nameWeights(context, prepared))
      : borrowWeights(context, resolve(plan.project.folder, weights));
  const evaluated = await evaluate(
    { ...context, plan: { ...plan, routers } },
    prepared,
    { weights: fitted, borrowed: weights !== undefined },
    folder,
  );
  return {
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
  let done: StagesDone;
  try {
    await tellCodeChanges(context);
    await writeOverlap(folder, overlap);
    done = await work(context, folder, options);
  } finally {
    await closeContext(context);
  }
  const { prepared, results } = done;
  const failed = [...plan.refused, ...done.failed];
  const failures = failed.flatMap(({ router, errors }) =>
    errors.map((error) => inRow(error, router)),
  );
  const record = await buildRunRecord(context, started, done.trained);
  const metrics = getMetricDefinitions(plan.metrics);
  if (!options.stages.includes('eval'))
    return { results, record, evaluated: null, metrics, failures, failed, overlap, folder };
  const failedNames = new Set(failed.map(({ router }) => router));
  const comparable = await comparableResults(context, prepared, folder, results);
  const all = comparable.filter(({ router }) => !failedNames.has(router));
  const resampled = await readResampled(context, all);
  const leaderboard = buildLeaderboard(all, {
    ...getLeaderboardOptions(project.config, metrics, buildProvenance(context, prepared)),
    resampled,
  });
  await writeRun(context.results, { leaderboard, record });
  const sets = plan.sets.filter(({ tested }) => tested).map(({ name }) => name);
  const evaluated: Evaluated = { leaderboard, results: all, sets };
  return { results, record, evaluated, metrics, failures, failed, overlap, folder };
}

/** The error with the name of the router's row, where it has no other location. */
function inRow(error: HarnessError, router: string): HarnessError {
  if (error.location !== undefined) return error;
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
const buildProvenance = (context: RunContext, prepared: Prepared): Leaderboard['provenance'] => ({
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
});

/**
 * The new results, and those of the config's other routers and sets that were made from the same
 * data, grades and bands.
 */
async function comparableResults(
  context: RunContext,
  prepared: Prepared,
  folder: string,
  fresh: readonly RouterResult[],
): Promise<readonly RouterResult[]> {
  const key = ({ router, dataset }: RouterResult): string => `${router}/${dataset}`;
  const known = new Set(fresh.map(key));
  const listed = new Set([...context.plan.listed, ...fresh.map(({ router }) => router)]);
  const bySet = new Map(
    prepared.sets.map((stored) => [stored.set.name, setProvenance(context, stored)]),
  );
  const kept = (await readResults(folder)).filter((result) => {
    const now = bySet.get(result.dataset);
    if (known.has(key(result)) || now === undefined || !listed.has(result.router)) return false;
    return Object.entries(now).every(
      ([name, value]) => canonicalJson(result.provenance[name]) === canonicalJson(value),
    );
  });
  const wordings = new Map(
    [...fresh, ...kept]
      .reverse()
      .flatMap((result) =>
        result.robustness === undefined ? [] : [[result.dataset, getWordingKey(result)] as const],
      ),
  );
  const all = kept.map((result) =>
    getWordingKey(result) === wordings.get(result.dataset) ? result : withoutRobustness(result),
  );
  // else the last digits of averages would tell which were written just now
  return [...fresh.map(asWritten), ...all];
}

/**
 * What robustness was computed from: values for other perturbed queries, or at another call rate,
 * do not belong in one column.
 */
const getWordingKey = ({ provenance, robustness }: RouterResult): string =>
  canonicalJson([provenance['perturbed'] ?? null, robustness?.callRate ?? null]);

const withoutRobustness = ({ robustness: _other, ...rest }: RouterResult): RouterResult => rest;

/** Dollars over all models; null where one of them is unknown. */
function totalUsd({ spend }: RunContext): number | null {
  const all = Object.values(spend.ledger.accounts()).map(({ usd }) => usd);
  return all.includes(null) ? null : all.reduce<number>((sum, usd) => sum + (usd ?? 0), 0);
}

async function buildRunRecord(
  context: RunContext,
  started: Date,
  trained: Trained | null,
): Promise<RunRecord> {
  const { project, models } = context.plan;
  const finished = new Date();
  return {
    schema: 1,
    run: project.config.name,
    started: started.toISOString(),
    finished: finished.toISOString(),
    seconds: (finished.getTime() - started.getTime()) / 1000,
    host: hostFacts(),
    versions: { routerxbench: await getHarnessVersion(), node: nodeVersion },
    git: await gitState(project.folder),
    trainers: trained?.trainers ?? [],
    fitThreads: trained?.threads ?? 0,
    modelCalls: Object.fromEntries(
      [...models.keys()].map((name) => [name, context.calls.get(name) ?? 0]),
    ),
    spend: {
      usd: totalUsd(context),
      prices: project.config.prices?.date ?? null,
      models: context.spend.ledger.accounts(),
    },
    latency: Object.fromEntries(
      [...context.latency].map(([router, times]) => {
        const sorted = Float64Array.from(times).sort();
        return [
          router,
          {
            p50: quantile(sorted, 0.5),
            p95: quantile(sorted, 0.95),
            p99: quantile(sorted, 0.99),
            queries: sorted.length,
          },
        ];
      }),
    ),
    notes: Object.fromEntries(
      [...models.values()].map(({ name, info }) => [name, { name: info.name, ...info.notes }]),
    ),
  };
}

/** The stages in their order, and what a call leaves behind. */
import { setMaxListeners } from 'node:events';
import { resolve } from 'node:path';
import { getHarnessVersion } from '../core/packages.js';
import { HarnessError, HarnessErrors } from '../core/errors.js';
import { sharedText, type SharedQuestions } from './hygiene.js';
import { SILENT, type Observer } from '../core/observer.js';
import { ALL_METRICS } from '../analysis/metrics/index.js';
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
import { evaluate, setProvenance } from './stages/evaluate.js';
import { prepare, type Part } from './stages/prepare.js';
import { readResamples } from './stages/uncertainty.js';
import { findPrice } from './spending/prices.js';
import { openSpending } from './spending/spending.js';
import { train, type Trained } from './stages/train.js';
import { canonicalJson } from '../core/util/canonical-json.js';
import { quantile } from '../analysis/util/quantile.js';
import type { Plan, Selection } from './planning/planned.js';
import { PipelineError } from './errors.js';

/** A stage of a run. */
export type Stage = 'prepare' | 'train' | 'eval';

/** What to do. */
export interface RunOptions extends Selection {
  readonly stages: readonly Stage[];
  /** Parts of preparing; left out = all. */
  readonly only?: readonly Part[] | undefined;
  /** Folder of a run whose weights to score with, instead of this run's own. */
  readonly weights?: string | undefined;
  readonly signal?: AbortSignal;
  readonly observer?: Observer;
  /** Stop before more dollars than this are spent. */
  readonly budgetUsd?: number | undefined;
  /** Stop where more requests than this have failed. */
  readonly maxErrors?: number | undefined;
  /** Ask again for rows that failed in an earlier call. */
  readonly retryErrors?: boolean | undefined;
  /** Ask only the answer cache. */
  readonly offline?: boolean | undefined;
}

/** What a call did. */
export interface RunOutcome {
  /** Of this call. */
  readonly results: readonly RouterResult[];
  readonly record: RunRecord;
  /** Null where nothing was evaluated. */
  readonly evaluated: Evaluated | null;
  /** Routers that failed; the others are done. */
  readonly failures: readonly HarnessError[];
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

/**
 * Plans and runs the stages. Finished work of earlier calls is used, so the same call again
 * resumes.
 */
export async function runStages(project: Project, options: RunOptions): Promise<RunOutcome> {
  const started = new Date();
  const plan = await makePlan(project, options);
  if (options.budgetUsd !== undefined) await refuseUnpriced(plan);
  const folder = runFolder(resolve(project.folder, project.config.results), project.config.name);
  const context = buildRunContext(project, plan, options);
  const overlap = [...plan.shared, ...plan.between()];
  for (const shared of plan.shared) context.observer.warn(sharedText(shared));
  let trained: Trained = { failures: [], trainers: [], threads: 0 };
  const failures: HarnessError[] = [];
  let results: readonly RouterResult[] = [];
  try {
    await writeOverlap(folder, overlap);
    if (options.stages.includes('prepare')) await prepare(context, options.only);
    if (options.stages.includes('train')) {
      trained = await train(context, folder);
      failures.push(...trained.failures);
    }
    if (options.stages.includes('eval')) {
      const failed = new Set(failures.map((failure) => failure.details['router']));
      const able: Plan = { ...plan, routers: plan.routers.filter(({ name }) => !failed.has(name)) };
      const outcome = await evaluate(
        { ...context, plan: able },
        folder,
        options.weights === undefined ? undefined : resolve(project.folder, options.weights),
      );
      results = outcome.results;
      failures.push(...outcome.failures);
    }
  } finally {
    await closeContext(context);
  }
  const record = await buildRunRecord(context, started, trained);
  if (!options.stages.includes('eval'))
    return { results, record, evaluated: null, failures, overlap, folder };
  const all = await comparableResults(context, folder, results);
  const resampled = await readResampled(context, all);
  const lowerIsBetter = ALL_METRICS.filter(({ higherIsBetter }) => !higherIsBetter).map(
    ({ name }) => name,
  );
  const leaderboard = buildLeaderboard(all, {
    ...getLeaderboardOptions(project.config, lowerIsBetter, buildProvenance(context)),
    resampled,
  });
  await writeRun(context.results, { leaderboard, record });
  const sets = plan.sets.filter(({ tested }) => tested).map(({ name }) => name);
  const evaluated: Evaluated = { leaderboard, results: all, sets };
  return { results, record, evaluated, failures, overlap, folder };
}

/** The resampled metrics of all results on the board, from where they are stored. */
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
  return { level, resamples, getValues: (result) => stored.get(result) };
}

/** Counts what the stages would ask of models, without asking. */
export async function countCalls(
  project: Project,
  options: RunOptions,
): Promise<readonly DryRunLine[]> {
  const plan = await makePlan(project, options);
  const context = buildRunContext(project, plan, options);
  try {
    return await dryRun(context);
  } finally {
    await closeContext(context);
  }
}

/** What the stages of one call share. */
export function buildRunContext(
  project: Project,
  plan: Plan,
  options: Pick<
    RunOptions,
    | 'datasets'
    | 'routers'
    | 'signal'
    | 'observer'
    | 'budgetUsd'
    | 'maxErrors'
    | 'offline'
    | 'retryErrors'
  >,
): RunContext {
  const signal = options.signal ?? new AbortController().signal;
  setMaxListeners(0, signal); // every prompt that is on its way listens
  return {
    plan,
    results: resolve(project.folder, project.config.results),
    observer: options.observer ?? project.observer ?? SILENT,
    signal,
    calls: new Map(),
    latency: new Map(),
    spend: openSpending(project, options),
    reopening: {
      opening: project.opening,
      selection: { datasets: options.datasets, routers: options.routers },
    },
  };
}

/** Frees the models at the end of a call, and what it wrote is on the disk. */
export async function closeContext({ plan, spend }: RunContext): Promise<void> {
  await Promise.all([...plan.models.values()].map(({ model }) => model.close?.()));
  await spend.cache.close();
}

/** A budget can be kept only where every price is known. */
async function refuseUnpriced(plan: Plan): Promise<void> {
  const { prices } = plan.project.config;
  const unknown = [...plan.models.values()].filter(
    ({ name, info }) => info.remote !== undefined && findPrice(prices, info.name, name) === null,
  );
  if (unknown.length === 0) return;
  await Promise.all([...plan.models.values()].map(({ model }) => model.close?.()));
  throw new HarnessErrors(
    unknown.map(
      ({ name, info }) => new PipelineError('missingPrice', { model: name, name: info.name }),
    ),
  );
}

/** The models and sets that every row of the board stands on. */
const buildProvenance = (context: RunContext): Leaderboard['provenance'] => ({
  models: Object.fromEntries(
    [...context.plan.models.values()].map(({ name, backend, info }) => [
      name,
      { backend, fingerprint: info.fingerprint },
    ]),
  ),
  datasets: Object.fromEntries(
    context.plan.sets
      .filter(({ tested }) => tested)
      .map((set) => [set.name, setProvenance(context, set)]),
  ),
});

/**
 * The new results, and those of the config's other routers and sets that stand on the same data,
 * grades and bands.
 */
async function comparableResults(
  context: RunContext,
  folder: string,
  fresh: readonly RouterResult[],
): Promise<readonly RouterResult[]> {
  const key = ({ router, dataset }: RouterResult): string => `${router}/${dataset}`;
  const known = new Set(fresh.map(key));
  const listed = new Set([...context.plan.listed, ...fresh.map(({ router }) => router)]);
  const bySet = new Map(context.plan.sets.map((set) => [set.name, setProvenance(context, set)]));
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
 * What robustness stands on: that of other perturbed queries, or at another call rate, cannot stand
 * in one column.
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
  { trainers, threads }: Trained,
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
    trainers,
    fitThreads: threads,
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

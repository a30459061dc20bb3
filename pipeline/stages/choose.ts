/**
 * Chooses options of the routers that learn: each of their trials is fitted once, and the one with
 * the best AUROC on the validation rows is taken. Test rows are not used.
 */
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { auroc } from '../../analysis/metrics/auroc.js';
import { buildCurve } from '../../analysis/metrics/curve.js';
import { HarnessErrors } from '../../core/errors.js';
import { jsonHash } from '../../core/util/canonical-json.js';
import type { JsonObject } from '../../core/util/json.js';
import { writeAtomic } from '../../storage/atomic.js';
import { StorageError } from '../../storage/errors.js';
import { parseResult } from '../../storage/results/parse-result.js';
import type { Choice, FailedRouter, PlannedRouter } from '../planning/planned.js';
import type { RunContext } from '../run-context.js';
import type { Prepared } from './prepared.js';
import { readyRouters } from './ready-routers.js';
import { toRouterErrors } from './router-failure.js';
import { fitAll, type FitJob, type Fits } from './train.js';
import { ValidationRows } from './validation.js';
import { exists, nameFit, publishedChoice, type FittedWeights } from './weights.js';

const Options = z.record(z.string(), z.json());
const ChoiceSchema = z.strictObject({
  trials: z.array(z.strictObject({ options: Options, auroc: z.number().nullable() })).min(1),
  chosen: z.int().nonnegative(),
});

/** Routers with the options that were chosen for them, and those for which nothing worked. */
export interface Chosen {
  readonly routers: readonly PlannedRouter[];
  readonly failed: readonly FailedRouter[];
  /** What computed the fits, and the number of threads; null where nothing was fitted. */
  readonly fits: Pick<Fits, 'trainers' | 'threads'> | null;
}

/** A trial of a router. */
interface Trial {
  readonly router: PlannedRouter;
  readonly job: FitJob;
}

const isSearched = ({ trials }: PlannedRouter): boolean => trials.length > 1;

/** Trials are fitted with the first training seed, which is one of those that are needed anyway. */
const getSeed = ({ plan }: RunContext): number =>
  plan.project.config.protocol.trainingSeeds[0] as number;

/** Where a choice is stored: under all that it depends on. */
function getChoiceFile(context: RunContext, prepared: Prepared, router: PlannedRouter): string {
  const { hash } = nameFit(context, prepared, router, getSeed(context));
  const key = jsonHash({ fit: hash, trials: router.trials });
  return join(context.results, 'artifacts', 'choices', key, 'choice.json');
}

async function readChoice(file: string): Promise<Choice | undefined> {
  if (!(await exists(file))) return undefined;
  const parsed = parseResult(await readFile(file, 'utf8'), ChoiceSchema);
  if ('problem' in parsed)
    throw new StorageError('damagedArtifact', { file, problem: parsed.problem });
  const { value } = parsed;
  if (value.trials[value.chosen] === undefined)
    throw new StorageError('damagedArtifact', { file, problem: 'it chose a trial that it lacks' });
  return value;
}

const adopt = async (router: PlannedRouter, choice: Choice): Promise<PlannedRouter> => ({
  ...(await router.withOptions(choice.trials[choice.chosen]?.options as JsonObject)),
  choice,
});

/** AUROC on validation rows; null where it is not defined. */
function measure(confidence: Float64Array, labels: readonly (0 | 1)[]): number | null {
  const label = Uint8Array.from(labels);
  const weak = Float64Array.from(labels);
  const n = labels.length;
  if (n === 0) return null;
  const value = auroc(buildCurve({ n, weak, strong: weak, label, confidence }));
  return Number.isNaN(value) ? null : value;
}

/** The position of the best trial; of equal ones the first, which has the options of the config. */
const findBest = (trials: Choice['trials']): number =>
  trials.reduce(
    (best, trial, i) => ((trial.auroc ?? -1) > (trials[best]?.auroc ?? -1) ? i : best),
    0,
  );

/** The trials of a router, one with each of its parts of options. */
const openTrials = async (
  context: RunContext,
  prepared: Prepared,
  router: PlannedRouter,
): Promise<readonly Trial[]> =>
  await Promise.all(
    router.trials.map(async (options): Promise<Trial> => {
      const trial = await router.withOptions(options);
      const weightsFile = nameFit(context, prepared, trial, getSeed(context));
      return { router: trial, job: { router: trial, weightsFile } };
    }),
  );

/** Scores the validation rows with each trial that was fitted, and stores which is the best. */
async function choose(
  context: RunContext,
  rows: ValidationRows,
  file: string,
  trials: readonly Trial[],
  fits: Fits,
): Promise<Choice> {
  const tried: { options: JsonObject; auroc: number | null }[] = [];
  const labels = await rows.labels((trials[0] as Trial).router);
  for (const { router, job } of trials) {
    const failure = fits.failure(job);
    const weights: FittedWeights = new Map([[router.name, [job.weightsFile]]]);
    const [ready] =
      failure === undefined
        ? await readyRouters(context, router, { weights, borrowed: false }, [])
        : [];
    tried.push({
      options: router.chosen,
      auroc: ready === undefined ? null : measure(await rows.confidences(ready), labels),
    });
  }
  const failures = trials.flatMap(({ job }) => fits.failure(job)?.slice(0, 1) ?? []);
  if (failures.length === trials.length) throw new HarnessErrors(failures.slice(0, 1));
  const choice: Choice = { trials: tried, chosen: findBest(tried) };
  await writeAtomic(file, `${JSON.stringify(choice)}\n`);
  return choice;
}

/**
 * Chooses the options of every router that has trials. What was chosen before is read; the rest is
 * made, or refused where `fits` is false.
 * @throws StorageError notPrepared
 */
export async function chooseOptions(
  context: RunContext,
  prepared: Prepared,
  { fits: mayFit }: { readonly fits: boolean },
): Promise<Chosen> {
  const { routers, project } = context.plan;
  const open: {
    readonly router: PlannedRouter;
    readonly file: string;
    readonly trials: readonly Trial[];
  }[] = [];
  const chosen = new Map<string, PlannedRouter>();
  const failed: FailedRouter[] = [];
  const attempt = async (router: PlannedRouter, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (cause) {
      const errors = toRouterErrors(router.name, cause);
      if (context.signal.aborted || errors.some(({ stopsRun }) => stopsRun)) throw cause;
      failed.push({ router: router.name, errors });
    }
  };
  for (const router of routers.filter(isSearched)) {
    const file = getChoiceFile(context, prepared, router);
    const stored = await readChoice(file);
    if (stored === undefined && !mayFit)
      throw new StorageError('notPrepared', { what: `the options of "${router.name}"`, file });
    await attempt(router, async () => {
      if (stored !== undefined) chosen.set(router.name, await adopt(router, stored));
      else open.push({ router, file, trials: await openTrials(context, prepared, router) });
    });
  }
  const jobs: FitJob[] = [];
  for (const { trials } of open)
    for (const { job } of trials) if (!(await exists(job.weightsFile.file))) jobs.push(job);
  const fits = await fitAll(context, prepared, jobs, () => Promise.resolve());
  const rows = new ValidationRows(context, prepared);
  for (const { router, file, trials } of open)
    await attempt(router, async () => {
      const choice = await choose(context, rows, file, trials, fits);
      chosen.set(router.name, await adopt(router, choice));
    });
  await project.registry.release(); // processes that opened trials of third-party routers
  return {
    routers: routers.flatMap((router) =>
      isSearched(router) ? (chosen.get(router.name) ?? []) : [router],
    ),
    failed,
    fits: jobs.length === 0 ? null : fits,
  };
}

/** The options that the borrowed weights of a run were fitted with. */
export async function adoptBorrowed(
  routers: readonly PlannedRouter[],
  runFolder: string,
): Promise<readonly PlannedRouter[]> {
  return await Promise.all(
    routers.map(async (router) => {
      if (!isSearched(router)) return router;
      const choice = await readChoice(publishedChoice(runFolder, router.name));
      return choice === undefined ? router : await adopt(router, choice);
    }),
  );
}

/** Confidences and grades → results of every router and control on every test set. */
import type { ResolvedConfig } from '../../core/config-schema.js';
import {
  type HarnessError as Failure,
  HarnessError,
  HarnessErrors,
  getErrorMessage,
} from '../../core/errors.js';
import { CONTROLS } from '../../analysis/metrics/controls.js';
import { distinguishedMetrics } from '../planning/metrics.js';
import type { PlannedRouter, PlannedSet } from '../planning/planned.js';
import { join } from '../protocol/join.js';
import type { Robustness, RouterResult } from '../../storage/results/types.js';
import { writeResult, writeRows } from '../../storage/results/store.js';
import type { RunContext } from '../run-context.js';
import type { Json, JsonObject } from '../../core/util/json.js';
import { jsonHash } from '../../core/util/canonical-json.js';
import { priced, readCosts, type AnswerCosts } from './cost.js';
import { pricesFacts } from '../spending/prices.js';
import { Sha256 } from '../util/sha256.js';
import { controlResult, routerResult, type SeedRows } from './result.js';
import { routerCost } from './router-cost.js';
import { getGradesArtifact } from './grade.js';
import { readGrades } from './fit-data.js';
import {
  constantRobustness,
  perturbedRows,
  computeRobustness,
  findUnasked,
  type PerturbedRows,
  type Rewording,
} from './robustness.js';
import { score, type ReadyRouter } from './score.js';
import { ValidationRows } from './validation.js';
import {
  readClusters,
  getConfidences,
  costsInOrder,
  gradedSet,
  withUncertainty,
  type GradedSet,
  type Uncertain,
} from './uncertainty.js';
import { publishedWeights, readWeights, routerKey, getWeightsFile } from './weights.js';
import { PipelineError } from '../errors.js';

/** What evaluating yields: all results, and the routers that failed. */
export interface Evaluated {
  readonly results: readonly RouterResult[];
  readonly failures: readonly Failure[];
}

/**
 * The scorer's name; a list where there are several, or where one has more to say of itself, such
 * as its prompt's hash.
 */
const scorerFacts = ({ scorers }: PlannedSet): Json => {
  const all = scorers.map(({ name, facts }): Json => (facts === null ? name : { name, ...facts }));
  return all.length === 1 && typeof all[0] === 'string' ? all[0] : all;
};

/**
 * What of the protocol decides numbers beside the bands: how rows are chosen, shared out and
 * counted. Which training seeds there are belongs to the routers.
 */
const protocolFacts = ({
  fitSplit,
  testSplit,
  fitRows,
  validationShare,
  seed,
  nullTolerance,
  nullConfidenceTolerance,
  overlap,
}: ResolvedConfig['protocol']): JsonObject => ({
  fitSplit,
  testSplit,
  fitRows: fitRows ?? null,
  validationShare,
  seed,
  nullTolerance,
  nullConfidenceTolerance,
  overlap,
});

/** What every number of a set stands on. */
export function setProvenance(context: RunContext, set: PlannedSet): JsonObject {
  const { protocol, statistics, limit, prices } = context.plan.project.config;
  const others = distinguishedMetrics(context.plan.metrics);
  return {
    data: set.test.contentHash,
    grades: {
      weak: getGradesArtifact(context, 'weak', set, set.test).hash,
      strong: getGradesArtifact(context, 'strong', set, set.test).hash,
    },
    scorer: scorerFacts(set),
    label: set.label as unknown as JsonObject,
    scale: set.definition.scale,
    lowBand: protocol.lowBand,
    recoveryBand: protocol.recoveryBand,
    protocol: protocolFacts(protocol),
    statistics,
    limit: limit ?? null,
    prices: pricesFacts(prices),
    ...(others.length === 0 ? {} : { metrics: others }),
  };
}

/** The wordings that a router put to models, as hashes by signal; nothing where it put none. */
const getTemplates = ({ needs }: PlannedRouter): JsonObject => {
  const asked = needs.filter(({ params }) => 'template' in params);
  return asked.length === 0
    ? {}
    : {
        templates: Object.fromEntries(
          asked.map(({ key, params }) => [
            key,
            new Sha256().add(String(params['template'])).digest(),
          ]),
        ),
      };
};

/** The result with its robustness, and what that stands on. */
const withRobustness = (
  result: RouterResult,
  { perturbed }: Rewording,
  robustness: Robustness,
): RouterResult => {
  const { provenance, ...rest } = result;
  return {
    ...rest,
    robustness,
    provenance: { ...provenance, perturbed: perturbed.queries.promptsHash },
  };
};

const readyRouters = async (
  context: RunContext,
  router: PlannedRouter,
  weightsFolder: string | undefined,
): Promise<readonly ReadyRouter[]> => {
  if (!router.fitted)
    return [
      {
        planned: router,
        seed: null,
        weightsHash: null,
        fit: null,
        instance: () => Promise.resolve(router.make()),
      },
    ];
  return await Promise.all(
    context.plan.project.config.protocol.trainingSeeds.map(async (seed): Promise<ReadyRouter> => {
      const file =
        weightsFolder === undefined
          ? getWeightsFile(context, router, seed).file
          : publishedWeights(weightsFolder, router.name, seed);
      const { weights, hash } = await readWeights(context, router, file);
      return {
        planned: router,
        seed,
        weightsHash: hash,
        fit: weights.meta,
        instance: async () => {
          const instance = router.make();
          try {
            await instance.restore?.(weights);
          } catch (cause) {
            await instance.close?.();
            throw cause instanceof HarnessError
              ? cause
              : new PipelineError(
                  'routerFailed',
                  { router: router.name, problem: getErrorMessage(cause) },
                  { cause },
                );
          }
          return instance;
        },
      };
    }),
  );
};

/** Scores, joins, measures and writes. A router that fails does not touch the others. */
export async function evaluate(
  context: RunContext,
  runFolder: string,
  weightsFolder?: string,
): Promise<Evaluated> {
  const { plan } = context;
  const sets = plan.sets.filter((set) => set.tested);
  const graded = new Map(
    await Promise.all(
      sets.map(
        async (set) =>
          [
            set.name,
            gradedSet(
              set,
              await readGrades(context, 'weak', set, set.test),
              await readGrades(context, 'strong', set, set.test),
              await readClusters(set),
            ),
          ] as const,
      ),
    ),
  );
  const costs = new Map(
    await Promise.all(sets.map(async (set) => [set.name, await readCosts(context, set)] as const)),
  );
  const costsFor = (set: PlannedSet): AnswerCosts => costs.get(set.name) as AnswerCosts;
  const uncertain: Uncertain[] = [];
  const validationRows = new ValidationRows(context);
  const failures: HarnessError[] = [];
  const rewording = (set: PlannedSet): Rewording | null =>
    set.perturbed === null
      ? null
      : { set, perturbed: set.perturbed, callRate: plan.project.config.perturbations.callRate };
  const gradesFor = (set: PlannedSet): GradedSet => graded.get(set.name) as GradedSet;

  for (const router of plan.routers) {
    try {
      const ready = await readyRouters(context, router, weightsFolder);
      const validation: (Float64Array | null)[] = [];
      const wanted = router.fitted || context.plan.project.config.protocol.transfer === 'all';
      const chosen =
        // borrowed weights may come without fit rows
        wanted && (weightsFolder === undefined || (await validationRows.prepared(router)));
      for (const readyRouter of ready)
        validation.push(chosen ? await validationRows.confidences(readyRouter) : null);
      for (const set of sets) {
        const setGrades = gradesFor(set);
        const seeds: SeedRows[] = [];
        const changed: PerturbedRows[] = [];
        for (const [i, readyRouter] of ready.entries()) {
          const rows = priced(
            context,
            join(
              set.name,
              setGrades.weak,
              setGrades.strong,
              await score(context, readyRouter, set.test),
            ),
            costsFor(set),
            router,
          );
          seeds.push({
            seed: readyRouter.seed,
            fit: readyRouter.fit,
            rows,
            validation: validation[i] ?? null,
          });
          if (set.perturbed === null) continue;
          const again = await score(context, readyRouter, set.perturbed.queries);
          changed.push({
            rows,
            perturbed: perturbedRows(set.perturbed, setGrades, again),
            unasked: await findUnasked(context, router.needs, set.perturbed, again),
          });
        }
        const confidences = seeds.map((seed) => getConfidences(setGrades, seed.rows));
        const hashes = confidences.map((of) => jsonHash([...of]));
        const cost = costsInOrder(setGrades, seeds[0]?.rows ?? []); // the same for every seed
        const provenance = {
          ...setProvenance(context, set),
          outcomes: setGrades.outcomes,
          router: jsonHash(routerKey(router)),
          ...getTemplates(router),
          weights: ready.map(({ weightsHash }) => weightsHash),
          confidences: hashes,
          ...(cost === null ? {} : { costs: cost.hash }),
        };
        const { result, rows } = routerResult(
          plan,
          router,
          set,
          seeds,
          setGrades.clusters,
          await routerCost(context, router, set.test),
          provenance,
        );
        await writeRows(runFolder, router.name, set.name, rows);
        const worded = rewording(set);
        uncertain.push({
          router,
          graded: setGrades,
          confidences,
          hashes,
          cost,
          result:
            worded === null
              ? result
              : withRobustness(result, worded, computeRobustness(worded, changed)),
        });
      }
    } catch (cause) {
      if (context.signal.aborted) throw cause;
      if (cause instanceof HarnessErrors) failures.push(...cause.errors);
      else if (!(cause instanceof HarnessError))
        throw new Error(`evaluating ${router.name}: ${getErrorMessage(cause)}`, { cause });
      else if (cause.stopsRun)
        throw cause; // the disk, not the router
      else failures.push(cause);
    }
  }
  const results = [...(await withUncertainty(context, uncertain))];
  for (const result of results) await writeResult(runFolder, result);
  for (const control of CONTROLS) {
    for (const set of sets) {
      const { weak, strong } = gradesFor(set);
      const result = controlResult(
        plan,
        control,
        set,
        (rows) => priced(context, rows, costsFor(set), null),
        weak,
        strong,
        setProvenance(context, set),
      );
      const worded =
        control === 'always-weak' || control === 'always-strong' ? rewording(set) : null;
      const setGrades =
        worded === null
          ? result
          : withRobustness(
              result,
              worded,
              constantRobustness(
                worded,
                { weak, strong },
                weak.map(({ id }) => id),
              ),
            );
      await writeResult(runFolder, setGrades);
      results.push(setGrades);
    }
  }
  return { results, failures };
}

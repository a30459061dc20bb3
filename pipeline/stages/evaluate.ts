/** Confidences and grades → results of every router and control on every test set. */
import { getHarnessErrors, HarnessError, HarnessErrors } from '../../core/errors.js';
import { toRouterErrors } from './router-failure.js';
import { CONTROLS } from '../../analysis/metrics/controls.js';
import type { FailedRouter, PlannedRouter } from '../planning/planned.js';
import { join } from '../protocol/join.js';
import type { GradeRow, Robustness, RouterResult } from '../../storage/results/types.js';
import { writeResult, writeRows } from '../../storage/results/store.js';
import type { RunContext } from '../run-context.js';
import { jsonHash } from '../../core/util/canonical-json.js';
import { hashItems } from '../util/hash-rows.js';
import { isAnswer } from '../signals/requests.js';
import type { AnswerRow } from './answer.js';
import { routerKey } from './artifacts.js';
import { hasCosts, priced, readCosts, readSignalCosts, type AnswerCosts } from './cost.js';
import { findMissingSignal } from './failed-rows.js';
import { getSignals, type Prepared, type PreparedQueries, type PreparedSet } from './prepared.js';
import { publishWeights } from './weights.js';
import { readyRouters, type ScoringWeights } from './ready-routers.js';
import { controlResult, routerResult, type Control, type SeedRows } from './result.js';
import { getTemplates, setProvenance } from './result-provenance.js';
import { readAll } from './read-all.js';
import { routerCost } from './router-cost.js';
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

/** What evaluating yields: all results, and the routers that failed. */
export interface Evaluated {
  readonly results: readonly RouterResult[];
  readonly failed: readonly FailedRouter[];
}

/** A test set with what evaluating every router on it needs. */
interface TestSet {
  readonly stored: PreparedSet;
  readonly grades: GradedSet;
  readonly costs: AnswerCosts;
  /** Null where the run changes no queries of the set. */
  readonly rewording: Rewording | null;
}

/** What evaluating one router after the other shares. */
interface Evaluation {
  readonly context: RunContext;
  readonly runFolder: string;
  readonly tests: readonly TestSet[];
  readonly weights: ScoringWeights;
  readonly validationRows: ValidationRows;
}

async function openTestSet(context: RunContext, stored: PreparedSet): Promise<TestSet> {
  const { set, test } = stored;
  const { callRate } = context.plan.project.config.perturbations;
  const valueOf = ({ value }: GradeRow, id: string): GradeRow => ({ id, value });
  const weak = await readAll(test.grades.weak, valueOf);
  const strong = await readAll(test.grades.strong, valueOf, weak);
  return {
    stored,
    grades: gradedSet(set, weak, strong, await readClusters(set)),
    costs: await readCosts(context, stored, weak),
    rewording: set.perturbed === null ? null : { set, perturbed: set.perturbed, callRate },
  };
}

/** The result with its robustness, and what that was computed from. */
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

/** Confidences on the validation rows, one per seed; null where no threshold is chosen there. */
async function readValidation(
  { context, weights, validationRows }: Evaluation,
  router: PlannedRouter,
  ready: readonly ReadyRouter[],
): Promise<readonly (Float64Array | null)[]> {
  const wanted = router.fitted || context.plan.project.config.protocol.transfer === 'all';
  if (!wanted || (weights.borrowed && !(await validationRows.isPrepared(router))))
    return ready.map(() => null);
  const confidences: Float64Array[] = [];
  for (const readyRouter of ready) confidences.push(await validationRows.confidences(readyRouter));
  return confidences;
}

/** Scores a router on a set, and on the perturbed queries of the set. */
async function scoreSet(
  context: RunContext,
  router: PlannedRouter,
  { stored, grades, costs }: TestSet,
  ready: readonly ReadyRouter[],
  validation: readonly (Float64Array | null)[],
): Promise<{ readonly seeds: readonly SeedRows[]; readonly changed: readonly PerturbedRows[] }> {
  const { set, test, perturbed } = stored;
  const seeds: SeedRows[] = [];
  const changed: PerturbedRows[] = [];
  const ofSignals = hasCosts(costs) ? await readSignalCosts(context, router, test) : null;
  for (const [i, readyRouter] of ready.entries()) {
    const confidences = await score(context, readyRouter, test, grades.weak);
    const joined = join(set.name, grades.weak, grades.strong, confidences);
    const rows = priced(joined, costs, router, ofSignals);
    const { seed, fit } = readyRouter;
    seeds.push({ seed, fit, rows, validation: validation[i] ?? null });
    if (set.perturbed === null || perturbed === null) continue;
    const again = await score(context, readyRouter, perturbed);
    changed.push({
      rows,
      perturbed: perturbedRows(set.perturbed, grades, again),
      unasked: await findUnasked(router.needs, set.perturbed, perturbed, again),
    });
  }
  return { seeds, changed };
}

/** Whether no answer of the weak model has log-probabilities; many servers return none. */
async function lackLogprobs({ answers: { weak } }: PreparedQueries): Promise<boolean> {
  for (let shard = 0; shard < weak.shards; shard++)
    for (const row of await weak.readRows<AnswerRow>(shard))
      if (!('error' in row) && row.tokenLogprobs.length > 0) return false;
  return true;
}

/** Why a router has no confidence on any query of a set; null where it has one. */
async function findSilence(
  { needs }: PlannedRouter,
  test: PreparedQueries,
  seeds: readonly SeedRows[],
): Promise<string | null> {
  if (seeds.some(({ rows }) => rows.some(({ confidence }) => confidence !== null))) return null;
  const missing = await findMissingSignal(getSignals(test, needs), test.queries);
  if (missing !== null) return missing;
  return needs.some(isAnswer) && (await lackLogprobs(test))
    ? 'the answers of weak have no log-probabilities of their tokens'
    : 'it returned null for every query';
}

/** Scores a router on a set and measures it; its rows are written. */
async function evaluateOnSet(
  { context, runFolder }: Evaluation,
  router: PlannedRouter,
  testSet: TestSet,
  ready: readonly ReadyRouter[],
  validation: readonly (Float64Array | null)[],
): Promise<Uncertain> {
  const { stored, grades, rewording } = testSet;
  const { set } = stored;
  const { seeds, changed } = await scoreSet(context, router, testSet, ready, validation);
  const confidences = seeds.map((seed) => getConfidences(grades, seed.rows));
  const hashes = confidences.map((of) => hashItems(of));
  const cost = costsInOrder(grades, seeds[0]?.rows ?? []); // the same for every seed
  const { result, rows } = routerResult(
    context.plan,
    router,
    set,
    seeds,
    grades.clusters,
    await routerCost(context, router, stored.test),
    {
      ...setProvenance(context, stored),
      outcomes: grades.outcomes,
      router: jsonHash(routerKey(router)),
      ...getTemplates(router),
      weights: ready.map(({ weightsHash }) => weightsHash),
      confidences: hashes,
      ...(cost === null ? {} : { costs: cost.hash }),
    },
    await findSilence(router, stored.test, seeds),
  );
  await writeRows(runFolder, router.name, set.name, rows);
  return {
    router,
    graded: grades,
    confidences,
    hashes,
    cost,
    result:
      rewording === null
        ? result
        : withRobustness(result, rewording, computeRobustness(rewording, changed)),
  };
}

/** Weights that are missing or damaged concern one router, unlike other files. */
function costsOneRow(thrown: unknown): never {
  const errors = getHarnessErrors(thrown);
  if (errors === undefined) throw thrown;
  throw new HarnessErrors(
    errors.map((error) => new HarnessError({ ...error.toData(), stopsRun: false })),
  );
}

/** The errors of a router that failed; what is not the router's failure is thrown again. */
function toErrors(
  context: RunContext,
  { name }: PlannedRouter,
  cause: unknown,
): readonly HarnessError[] {
  const errors = toRouterErrors(name, cause);
  if (context.signal.aborted || errors.some(({ stopsRun }) => stopsRun)) throw cause; // the disk
  return errors;
}

/** The result of a control on a set, written. */
async function evaluateControl(
  { context, runFolder }: Evaluation,
  control: Control,
  { stored, grades, costs, rewording }: TestSet,
): Promise<RouterResult> {
  const { weak, strong } = grades;
  const measured = controlResult(
    context.plan,
    control,
    stored.set,
    (rows) => priced(rows, costs, null, null),
    weak,
    strong,
    setProvenance(context, stored),
  );
  const isConstant = control === 'always-weak' || control === 'always-strong';
  const ids = weak.map(({ id }) => id);
  const result =
    rewording === null || !isConstant
      ? measured
      : withRobustness(measured, rewording, constantRobustness(rewording, { weak, strong }, ids));
  await writeResult(runFolder, result);
  return result;
}

/** Scores, joins, measures and writes. A router that fails does not affect the others. */
export async function evaluate(
  context: RunContext,
  prepared: Prepared,
  weights: ScoringWeights,
  runFolder: string,
): Promise<Evaluated> {
  const tested = prepared.sets.filter(({ set }) => set.tested);
  const tests = await Promise.all(tested.map(async (set) => await openTestSet(context, set)));
  const questions = tested.map(({ set }) => set.test);
  const validationRows = new ValidationRows(context, prepared);
  const evaluation: Evaluation = { context, runFolder, tests, weights, validationRows };
  const uncertain: Uncertain[] = [];
  const failed: FailedRouter[] = [];
  const { routers } = context.plan;
  for (const router of routers) {
    try {
      const ready = await readyRouters(context, router, weights, questions).catch(costsOneRow);
      if (!weights.borrowed)
        for (const own of weights.weights.get(router.name) ?? [])
          await publishWeights(runFolder, router, own);
      const validation = await readValidation(evaluation, router, ready);
      const planned = ready[0]?.planned ?? router;
      const onSets: Uncertain[] = [];
      for (const testSet of tests)
        onSets.push(await evaluateOnSet(evaluation, planned, testSet, ready, validation));
      uncertain.push(...onSets); // a router that fails on one set has no results
    } catch (cause) {
      failed.push({ router: router.name, errors: toErrors(context, router, cause) });
    }
  }
  const unfitted = failed.flatMap(({ errors }) =>
    errors.filter(({ kind }) => kind === 'notPrepared'),
  );
  if (unfitted[0] !== undefined && unfitted.length === routers.length) throw unfitted[0];
  const results = [...(await withUncertainty(context, uncertain))];
  for (const result of results) await writeResult(runFolder, result);
  for (const control of CONTROLS)
    for (const testSet of tests) results.push(await evaluateControl(evaluation, control, testSet));
  return { results, failed };
}

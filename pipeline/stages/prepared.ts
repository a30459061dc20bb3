/**
 * What the stages hand on: handles of stored answers, grades and signals of every query set of a
 * plan. Preparing returns them; a command that begins at a later stage opens them.
 */
import type { SignalRequest } from '../../core/signals/requests.js';
import type { JsonObject } from '../../core/util/json.js';
import type { Artifact } from '../../storage/artifact.js';
import { StorageError } from '../../storage/errors.js';
import type { GradeRow } from '../../storage/results/types.js';
import type { PlannedRouter, PlannedSet } from '../planning/planned.js';
import type { QuerySet } from '../query-set.js';
import type { RunContext } from '../run-context.js';
import type { StoredSignal } from '../signals/reader.js';
import { readAll } from './read-all.js';
import { nameAnswers, nameGrades, nameSignal } from './artifacts.js';

/** The two models whose answers are graded. */
export const SIDES = ['weak', 'strong'] as const;

/** One of them. */
export type Side = (typeof SIDES)[number];

/** What is stored of a query set: answers of both models, and the signals of the run's routers. */
export interface PreparedQueries {
  readonly queries: QuerySet;
  readonly answers: Readonly<Record<Side, Artifact>>;
  readonly signals: readonly StoredSignal[];
}

/** Queries whose answers are graded. */
export interface GradedQueries extends PreparedQueries {
  readonly grades: Readonly<Record<Side, Artifact>>;
}

/** What is stored of a set of the plan. */
export interface PreparedSet {
  readonly set: PlannedSet;
  readonly test: GradedQueries;
  /** Null where no router is fitted on the set. */
  readonly fit: GradedQueries | null;
  /** Null where the run changes no queries of the set. */
  readonly perturbed: PreparedQueries | null;
}

/** A set that routers are fitted on. */
export type FitSet = PreparedSet & { readonly fit: GradedQueries };

/** What is stored of a plan. */
export interface Prepared {
  readonly sets: readonly PreparedSet[];
}

/** The sets that routers are fitted on. */
export const getFitSets = ({ sets }: Prepared): readonly FitSet[] =>
  sets.filter((set): set is FitSet => set.fit !== null);

/** The models whose grades decide the labels of a set. */
export const getLabelSides = ({ label }: PlannedSet): readonly Side[] =>
  label.kind === 'at-least-strong' ? SIDES : ['weak'];

/** What the texts and labels of the fit rows of a set depend on. */
export const getLabelKey = ({ set, fit }: FitSet): JsonObject => ({
  grades: getLabelSides(set).map((side) => fit.grades[side].hash),
  label: set.label as unknown as JsonObject,
  prompts: fit.queries.promptsHash,
});

/** The signals that a router asked for, in the order of its requests. */
export const getSignals = (
  { signals }: PreparedQueries,
  needs: readonly SignalRequest[],
): readonly StoredSignal[] =>
  needs.map((request) => {
    const stored = signals.find((signal) => signal.request === request);
    if (stored === undefined)
      throw new Error(`the signal "${request.key}" was not prepared for these queries`);
    return stored;
  });

/** Hashes of the signals that a router asked for. */
export const hashSignals = (
  prepared: PreparedQueries,
  { needs }: PlannedRouter,
): readonly string[] => getSignals(prepared, needs).map(({ artifact }) => artifact.hash);

const nameQueries = (
  context: RunContext,
  queries: QuerySet,
  needs: readonly SignalRequest[],
): PreparedQueries => {
  const answers = {
    weak: nameAnswers(context, 'weak', queries),
    strong: nameAnswers(context, 'strong', queries),
  };
  return {
    queries,
    answers,
    signals: needs.map((request) => nameSignal(context, request, queries, answers.weak)),
  };
};

/** Handles of a set's queries, graded by the scorers of the set. */
export const nameGraded = (
  context: RunContext,
  set: PlannedSet,
  queries: QuerySet,
  needs: readonly SignalRequest[] = [],
): GradedQueries => {
  const named = nameQueries(context, queries, needs);
  return {
    ...named,
    grades: {
      weak: nameGrades(context, set, queries, named.answers.weak),
      strong: nameGrades(context, set, queries, named.answers.strong),
    },
  };
};

/** Handles of all that a plan is made of, whether it is there or not. */
export function namePrepared(context: RunContext): Prepared {
  const { plan } = context;
  const needs = plan.routers.flatMap((router) => router.needs);
  return {
    sets: plan.sets.map((set): PreparedSet => ({
      set,
      test: nameGraded(context, set, set.test, needs),
      fit: set.fit === null ? null : nameGraded(context, set, set.fit, needs),
      perturbed: set.perturbed === null ? null : nameQueries(context, set.perturbed.queries, needs),
    })),
  };
}

/** Refuses work on what is not stored. @throws StorageError notPrepared, naming the first file */
async function requireStored(artifact: Artifact, what: string): Promise<void> {
  const [missing] = await artifact.missing();
  if (missing !== undefined)
    throw new StorageError('notPrepared', { what, file: artifact.file(missing) });
}

/**
 * Opens what an earlier call has prepared, for a call that evaluates without preparing. Signals are
 * not looked for: a router whose confidences are stored needs none.
 * @throws StorageError notPrepared where grades of test rows are missing
 */
export async function openTested(context: RunContext): Promise<Prepared> {
  const prepared = namePrepared(context);
  for (const { set, test } of prepared.sets)
    if (set.tested)
      for (const side of SIDES) await requireStored(test.grades[side], test.grades[side].kind);
  return prepared;
}

/**
 * Opens the answers to a test set, for commands that grade again: scoring must not become
 * answering. @throws StorageError notPrepared
 */
export async function openAnswered(context: RunContext, set: PlannedSet): Promise<GradedQueries> {
  const named = nameGraded(context, set, set.test);
  for (const side of SIDES)
    await requireStored(named.answers[side], `the answers of ${side} on ${set.name}`);
  return named;
}

/**
 * Checks that the rows that routers are fitted on have grades.
 * @throws StorageError notPrepared
 */
export async function requireLabels(prepared: Prepared): Promise<void> {
  for (const { set, fit } of getFitSets(prepared))
    for (const side of getLabelSides(set))
      await requireStored(fit.grades[side], fit.grades[side].kind);
}

/** All grades of an artifact, in the order of the set. */
export async function readGrades(artifact: Artifact): Promise<readonly GradeRow[]> {
  return await readAll(artifact, (row: GradeRow) => row);
}

/** Stored answers → grades of other scorers, without asking the models that answered. */
import { loadIntoProcess } from './planning/load-into-process.js';
import type { Observer } from '../storage/observer.js';
import { makePlan } from './plan.js';
import {
  planScorer,
  warnAboutJudges,
  type PlannedScorer,
  type ScorerEntry,
} from './planning/scorer.js';
import type { Project } from './project.js';
import type { GradeRow } from '../storage/results/types.js';
import { runFolder, writeScores, type ScoreRow } from '../storage/results/store.js';
import { buildRunContext, closeContext } from './run.js';
import type { RunContext } from './run-context.js';
import { getAnswersArtifact } from './stages/answer.js';
import { readGrades } from './stages/fit-data.js';
import { grade, getGradesArtifact } from './stages/grade.js';
import { mean } from '../analysis/metrics/mean.js';
import type { Plan, PlannedSet } from './planning/planned.js';
import { StorageError } from '../storage/errors.js';
import { PipelineError } from './errors.js';

/** A chain of scorers with the scale that they share. */
export interface Chain {
  readonly scorers: readonly PlannedScorer[];
  readonly scale: readonly [number, number];
  /** Their names, joined by `+`. */
  readonly name: string;
}

/** The two models whose answers are graded. */
export const SIDES = ['weak', 'strong'] as const;

/**
 * Makes a chain. Unknown names are RXB2104, scales that differ RXB7102, a judge that the config
 * lacks RXB4003.
 */
export async function planChain(
  project: Project,
  plan: Plan,
  entries: readonly ScorerEntry[],
  location: string,
): Promise<Chain> {
  const scales = entries.map((entry) => {
    const { name, scale } = project.registry.find(
      'scorer',
      typeof entry === 'string' ? entry : entry.use,
      location,
    ).mark.definition;
    return { name, scale };
  });
  const [first] = scales;
  if (first === undefined) throw new Error('a chain without scorers');
  if (scales.some(({ scale }) => scale[0] !== first.scale[0] || scale[1] !== first.scale[1])) {
    throw new PipelineError(
      'chainScalesDiffer',
      { scorers: scales.map(({ name, scale }) => `${name} [${scale.join(', ')}]`).join(', ') },
      { location },
    );
  }
  const scorers = await Promise.all(
    entries.map(
      async (entry) =>
        await planScorer(
          project,
          await loadIntoProcess(
            project.registry.find(
              'scorer',
              typeof entry === 'string' ? entry : entry.use,
              location,
            ),
          ),
          entry,
          first,
          location,
        ),
    ),
  );
  for (const { name, models } of scorers) {
    for (const model of models)
      if (!plan.models.has(model))
        throw new PipelineError(
          'missingModel',
          { router: `scorer "${name}"`, model },
          { location },
        );
  }
  warnAboutJudges(project, plan.models, scorers);
  return { scorers, scale: first.scale, name: scales.map(({ name }) => name).join('+') };
}

/** The set as if it were graded by the chain. */
export const gradedBy = (set: PlannedSet, { scorers, scale }: Chain): PlannedSet => ({
  ...set,
  scorers,
  definition: { ...set.definition, scale },
});

/** Refuses a set whose answers are not all stored: scoring must not become answering. */
export async function requireAnswers(context: RunContext, set: PlannedSet): Promise<void> {
  for (const model of SIDES) {
    const answers = getAnswersArtifact(context, model, set.test);
    const [missing] = await answers.missing();
    if (missing !== undefined)
      throw new StorageError('notPrepared', {
        what: `the answers of ${model} on ${set.name}`,
        file: answers.file(missing),
      });
  }
}

/** Plans the sets of a project without its routers, and works on them. */
export async function onSets<T>(
  project: Project,
  options: SetOptions,
  work: (context: RunContext, plan: Plan) => Promise<T>,
): Promise<T> {
  const plan = await makePlan(project, { datasets: options.datasets, routers: [] });
  const context = buildRunContext(project, plan, options);
  try {
    return await work(context, plan);
  } finally {
    await closeContext(context);
  }
}

/** Which sets, and who watches. */
export interface SetOptions {
  readonly datasets?: readonly string[] | undefined;
  readonly signal?: AbortSignal;
  readonly observer?: Observer;
}

/** How often a grading had a grade, and the mean of those. */
export interface GradeSummary {
  readonly graded: number;
  readonly mean: number | null;
}

/**
 * What came of one model's answers to one set. `was` is null where they had not been graded before.
 */
export interface Rescored {
  readonly dataset: string;
  readonly model: string;
  readonly rows: number;
  readonly was: (GradeSummary & { readonly scorer: string; readonly grades: string }) | null;
  readonly now: GradeSummary & { readonly scorer: string; readonly grades: string };
  /**
   * Rows with the same grade, or with none, both times; null where there is nothing to compare
   * with.
   */
  readonly same: number | null;
}

const summary = (rows: readonly GradeRow[]): GradeSummary => {
  const values = rows.flatMap(({ value }) => (value === null ? [] : [value]));
  return { graded: values.length, mean: values.length === 0 ? null : mean(values) };
};

/**
 * Grades the stored answers of a run's test sets again and writes both gradings, row by row, under
 * the run's folder.
 */
export async function rescore(
  project: Project,
  options: SetOptions & { readonly scorer: readonly ScorerEntry[] },
): Promise<{ readonly folder: string; readonly results: readonly Rescored[] }> {
  return await onSets(project, options, async (context, plan) => {
    const chain = await planChain(project, plan, options.scorer, '--scorer');
    for (const set of plan.sets) await requireAnswers(context, set);
    const folder = runFolder(context.results, project.config.name);
    const results: Rescored[] = [];
    for (const set of plan.sets) {
      const rescoredSet = gradedBy(set, chain);
      const rows: ScoreRow[] = [];
      for (const model of SIDES) {
        const before = getGradesArtifact(context, model, set, set.test);
        const was =
          (await before.missing()).length === 0
            ? await readGrades(context, model, set, set.test)
            : null;
        const artifact = await grade(context, model, rescoredSet, set.test);
        const now = await readGrades(context, model, rescoredSet, set.test);
        const old = new Map(was?.map((row) => [row.id, row]));
        for (const { id, ...rest } of now) {
          const { id: _id, ...past } = old.get(id) ?? {
            id,
            value: null,
            reason: 'not graded before',
          };
          rows.push({ id, model, was: past, now: rest });
        }
        results.push({
          dataset: set.name,
          model,
          rows: now.length,
          was:
            was === null
              ? null
              : {
                  ...summary(was),
                  scorer: set.scorers.map(({ name }) => name).join('+'),
                  grades: before.hash,
                },
          now: { ...summary(now), scorer: chain.name, grades: artifact.hash },
          same:
            was === null
              ? null
              : now.filter(({ id, value }) => old.get(id)?.value === value).length,
        });
      }
      await writeScores(folder, chain.name, set.name, rows);
    }
    return { folder, results };
  });
}

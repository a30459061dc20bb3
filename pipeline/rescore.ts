/** Stored answers → grades of other scorers, without asking the models that answered. */
import { openPluginCode } from './code/plugin-code.js';
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
import { closeContext, openContext } from './open-context.js';
import type { RunContext } from './run-context.js';
import { grade } from './stages/grade.js';
import {
  nameGraded,
  openAnswered,
  readGrades,
  SIDES,
  type GradedQueries,
} from './stages/prepared.js';
import { mean } from '../analysis/metrics/mean.js';
import type { Plan, PlannedSet } from './planning/planned.js';
import { PipelineError } from './errors.js';

/** A chain of scorers with the scale that they share. */
export interface Chain {
  readonly scorers: readonly PlannedScorer[];
  readonly scale: readonly [number, number];
  /** Their names, joined by `+`. */
  readonly name: string;
}

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
  const code = openPluginCode(project);
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
          code,
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

/** Opens the stored answers to all sets of a plan. @throws StorageError notPrepared */
export async function openAllAnswered(
  context: RunContext,
  { sets }: Plan,
): Promise<ReadonlyMap<PlannedSet, GradedQueries>> {
  const answered = new Map<PlannedSet, GradedQueries>();
  for (const set of sets) answered.set(set, await openAnswered(context, set));
  return answered;
}

/** Plans the sets of a project without its routers, and works on them. */
export async function onSets<T>(
  project: Project,
  options: SetOptions,
  work: (context: RunContext, plan: Plan) => Promise<T>,
): Promise<T> {
  const plan = await makePlan(project, { datasets: options.datasets, routers: [] });
  const { signal, observer } = options;
  const context = openContext(project, plan, { signal, observer });
  try {
    return await work(context, plan);
  } finally {
    await closeContext(context);
  }
}

/** Which sets, and where progress is shown. */
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

/** Both gradings of every answer, row by row. */
const compareRows = (
  model: string,
  was: readonly GradeRow[] | null,
  now: readonly GradeRow[],
): readonly ScoreRow[] => {
  const old = new Map(was?.map((row) => [row.id, row]));
  return now.map(({ id, ...rest }) => {
    const { id: _id, ...past } = old.get(id) ?? { id, value: null, reason: 'not graded before' };
    return { id, model, was: past, now: rest };
  });
};

/** Rows with the same grade, or with none, both times. */
const countSame = (was: readonly GradeRow[], now: readonly GradeRow[]): number => {
  const old = new Map(was.map(({ id, value }) => [id, value]));
  return now.filter(({ id, value }) => old.get(id) === value).length;
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
    const answered = await openAllAnswered(context, plan);
    const folder = runFolder(context.results, project.config.name);
    const results: Rescored[] = [];
    for (const [set, stored] of answered) {
      const rescoredSet = gradedBy(set, chain);
      const rescored = nameGraded(context, rescoredSet, set.test);
      const rows: ScoreRow[] = [];
      for (const model of SIDES) {
        const before = stored.grades[model];
        const was = (await before.missing()).length === 0 ? await readGrades(before) : null;
        await grade(context, model, rescoredSet, rescored);
        const now = await readGrades(rescored.grades[model]);
        rows.push(...compareRows(model, was, now));
        const scorer = set.scorers.map(({ name }) => name).join('+');
        results.push({
          dataset: set.name,
          model,
          rows: now.length,
          was: was === null ? null : { ...summary(was), scorer, grades: before.origin },
          now: { ...summary(now), scorer: chain.name, grades: rescored.grades[model].origin },
          same: was === null ? null : countSame(was, now),
        });
      }
      await writeScores(folder, chain.name, set.name, rows);
    }
    return { folder, results };
  });
}

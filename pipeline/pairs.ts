/** A run for every two models that the sets of a config have recorded. */
import { join, resolve } from 'node:path';
import { getHarnessErrors, type HarnessError } from '../core/errors.js';
import type { Observer } from '../core/observer.js';
import { openProject, type ProjectOpening } from './project.js';
import { mean } from '../analysis/metrics/mean.js';
import {
  pairsMarkdown,
  type PairRow,
  type PairsLeaderboard,
} from '../plugins/reporters/_report/pairs-table.js';
import type { PlannedSet } from './planning/planned.js';
import { resultJson } from '../storage/results/store.js';
import { onSets } from './rescore.js';
import { runStages } from './run.js';
import { writeAtomic } from '../storage/atomic.js';
import { PipelineError } from './errors.js';

/** Which sets and routers, and where progress is shown. */
export interface PairsOptions {
  readonly datasets?: readonly string[] | undefined;
  readonly routers?: readonly string[] | undefined;
  /** Only pairs of these models; left out = of all. */
  readonly models?: readonly string[] | undefined;
  readonly signal: AbortSignal;
  readonly observer: Observer;
}

interface Recorded {
  readonly name: string;
  /** Mean over sets of the mean recorded grade. */
  readonly score: number;
}

/** Mean recorded grades of models: one for each set that has recorded grades of the model. */
async function readScores(
  sets: readonly PlannedSet[],
): Promise<ReadonlyMap<string, readonly number[]>> {
  const scores = new Map<string, number[]>();
  for (const { test } of sets) {
    const grades = new Map<string, number[]>([...test.recorded].map((name) => [name, []]));
    for await (const { rows } of test.blocks()) {
      for (const { recorded = {} } of rows)
        for (const [name, { grade }] of Object.entries(recorded))
          if (grade !== null) grades.get(name)?.push(grade);
    }
    for (const [name, modelGrades] of grades)
      if (modelGrades.length > 0)
        scores.set(name, [...(scores.get(name) ?? []), mean(modelGrades)]);
  }
  return scores;
}

/** The models that all test sets have recorded, the worst first; equal ones by name. */
async function recordedModels(
  opening: ProjectOpening,
  options: PairsOptions,
): Promise<{
  readonly run: string;
  readonly results: string;
  readonly models: readonly Recorded[];
}> {
  const project = await openProject({
    ...opening,
    observer: options.observer,
    signal: options.signal,
  });
  const refuse = (problem: string): HarnessError => new PipelineError('noModelPairs', { problem });
  for (const modelName of ['weak', 'strong']) {
    const use = project.config.models[modelName]?.use;
    if (
      use !== undefined &&
      project.registry.find('model', use).mark.definition.name !== 'recorded'
    )
      throw refuse(`models.${modelName} uses the backend "${use}"`);
  }
  return await onSets(project, options, async (_context, { sets }) => {
    const scores = await readScores(sets);
    const everywhere = [...scores]
      .filter(([, modelGrades]) => modelGrades.length === sets.length)
      .map(([name, modelGrades]) => ({ name, score: mean(modelGrades) }));
    const unknown =
      options.models?.filter((name) => !everywhere.some((other) => other.name === name)) ?? [];
    if (unknown.length > 0)
      throw refuse(
        `${unknown.map((name) => `"${name}"`).join(', ')} does not have recorded outcomes in ` +
          `every dataset; these models do: ${everywhere.map(({ name }) => name).join(', ')}`,
      );
    const models = everywhere
      .filter(({ name }) => options.models?.includes(name) ?? true)
      .sort((a, b) => a.score - b.score || (a.name < b.name ? -1 : 1));
    if (models.length < 2)
      throw refuse(
        models.length === 0
          ? 'no model has recorded outcomes in every dataset'
          : `only one model can be used: "${models[0]?.name}"`,
      );
    return {
      run: project.config.name,
      results: resolve(project.folder, project.config.results),
      models,
    };
  });
}

const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '') || 'model';

/** Two recorded models, the one with the lower mean grade as the weak one. */
interface Pair {
  readonly weak: Recorded;
  readonly strong: Recorded;
}

const getSlugs = ({ weak, strong }: Pair): readonly [string, string] => [
  slug(weak.name),
  slug(strong.name),
];

/** The name of a pair's run; it has a number where an earlier pair has the same name otherwise. */
const nameRun = (run: string, pairs: readonly Pair[], i: number): string => {
  const [weak, strong] = getSlugs(pairs[i] as Pair);
  const isTaken = pairs.slice(0, i).some((pair) => {
    const [otherWeak, otherStrong] = getSlugs(pair);
    return otherWeak === weak && otherStrong === strong;
  });
  return [run, weak, strong, ...(isTaken ? [String(i)] : [])].join('-');
};

/** Runs the config for a pair. A run that fails is a row with its errors. */
async function runPair(
  opening: ProjectOpening,
  { signal, observer, datasets, routers }: PairsOptions,
  { weak, strong }: Pair,
  name: string,
): Promise<{ readonly row: PairRow; readonly rankedBy?: PairsLeaderboard['rankedBy'] }> {
  const row = {
    run: name,
    weak: weak.name,
    strong: strong.name,
    weakScore: weak.score,
    strongScore: strong.score,
  };
  try {
    const recorded = { weak: weak.name, strong: strong.name };
    const flags = { ...opening.flags, name, recorded };
    const project = await openProject({ ...opening, flags, observer, signal });
    const { leaderboard, failures } = await runStages(project, {
      stages: ['prepare', 'train', 'eval'],
      datasets,
      routers,
      signal,
      observer,
    });
    const messages = failures.map(({ message }) => message);
    if (leaderboard === null) return { row: { ...row, values: {}, failures: messages } };
    const { rankedBy } = leaderboard;
    const ranked = leaderboard.rows.filter(({ control }) => !control);
    const values = ranked.map(({ router, metrics }) => [
      router,
      metrics[rankedBy.column]?.[rankedBy.metric] ?? { value: null, reason: 'not measured' },
    ]);
    const measured = Object.fromEntries(values) as PairRow['values'];
    return { row: { ...row, values: measured, failures: messages }, rankedBy };
  } catch (error) {
    const failed = getHarnessErrors(error);
    if (failed === undefined || signal.aborted) throw error;
    return { row: { ...row, values: {}, failures: failed.map(({ message }) => message) } };
  }
}

/**
 * Runs the config for every two recorded models, the one with the lower mean grade as the weak one.
 * Work that pairs share (embeddings) is done once; the same call again resumes. A pair that cannot
 * be run (its label has one class only, say) is listed with its reason, and the others are run.
 * Writes `results/pairs.json` and `.md`.
 * @throws PipelineError noModelPairs
 */
export async function runPairs(
  opening: ProjectOpening,
  options: PairsOptions,
): Promise<PairsLeaderboard & { readonly files: readonly string[] }> {
  const { run, results, models } = await recordedModels(opening, options);
  const pairs = models.flatMap((weak, i) =>
    models.slice(i + 1).map((strong): Pair => ({ weak, strong })),
  );
  const task = options.observer.task('pairs of models', pairs.length, 0);
  const rows: PairRow[] = [];
  let rankedBy: PairsLeaderboard['rankedBy'] = { metric: 'auroc', column: '' };
  try {
    for (const [i, pair] of pairs.entries()) {
      options.signal.throwIfAborted();
      const done = await runPair(opening, options, pair, nameRun(run, pairs, i));
      rankedBy = done.rankedBy ?? rankedBy;
      rows.push(done.row);
      task.advance(1);
    }
  } finally {
    task.end();
  }
  const leaderboard: PairsLeaderboard = { schema: 1, run, rankedBy, pairs: rows };
  const files = [join(results, 'pairs.json'), join(results, 'pairs.md')];
  await writeAtomic(files[0] as string, resultJson(leaderboard));
  await writeAtomic(
    files[1] as string,
    `# Pairs of run \`${run}\`\n\n${pairsMarkdown(leaderboard)}\n`,
  );
  return { ...leaderboard, files };
}

/** A run for every two models that the sets of a config have recorded. */
import { join } from 'node:path';
import { getHarnessErrors, type HarnessError } from '../core/errors.js';
import type { Observer } from '../storage/observer.js';
import type { Plan } from './planning/planned.js';
import { openProject, type Project } from './project.js';
import { mean } from '../analysis/metrics/mean.js';
import type { PairRow, PairsLeaderboard, PairsReport } from '../analysis/report.js';
import { resultJson } from '../storage/results/store.js';
import { onSets } from './rescore.js';
import type { ProcessWatch } from './process-watch.js';
import { openReporters } from './reporting/reporters.js';
import { runReporters } from './reporting/run-reporters.js';
import { buildRunReport, resultsFolder, shownPath } from './reporting/run-report.js';
import { runStages } from './run.js';
import type { Leaderboard } from '../storage/results/types.js';
import { writeAtomic } from '../storage/atomic.js';
import { PipelineError } from './errors.js';

/** Which sets and routers, and where progress is shown. */
export interface PairsOptions {
  readonly datasets?: readonly string[] | undefined;
  readonly routers?: readonly string[] | undefined;
  /** Only pairs of these models; left out = of all. */
  readonly models?: readonly string[] | undefined;
  readonly signal: AbortSignal;
  readonly process?: ProcessWatch | undefined;
  readonly observer: Observer;
}

interface Recorded {
  readonly name: string;
  /** Mean over sets of the mean recorded grade. */
  readonly score: number;
}

/** Model → its mean recorded grade on each set that has any. */
async function scoresBySet(sets: Plan['sets']): Promise<ReadonlyMap<string, readonly number[]>> {
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
  project: Project,
  options: PairsOptions,
): Promise<readonly Recorded[]> {
  const refuse = (problem: string): HarnessError => new PipelineError('noModelPairs', { problem });
  return await onSets(project, options, async (_context, { sets, models: planned }) => {
    for (const modelName of ['weak', 'strong']) {
      const model = planned.get(modelName);
      if (model !== undefined && model.info.recorded === undefined)
        throw refuse(`models.${modelName} uses the backend "${model.backend}"`);
    }
    const scores = await scoresBySet(sets);
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
    return models;
  });
}

const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '') || 'model';

interface Pair {
  /** Name of its run. */
  readonly run: string;
  readonly weak: Recorded;
  readonly strong: Recorded;
}

/** Every two models, the weaker one first. Runs whose names would be the same are numbered. */
function buildPairs(run: string, models: readonly Recorded[]): readonly Pair[] {
  const taken = new Set<string>();
  return models
    .flatMap((weak, i) => models.slice(i + 1).map((strong) => ({ weak, strong })))
    .map(({ weak, strong }, i) => {
      const name = [run, slug(weak.name), slug(strong.name)].join('-');
      const unique = taken.has(name) ? `${name}-${i}` : name;
      taken.add(name);
      return { run: unique, weak, strong };
    });
}

/** What a run of one pair gave. */
type PairValues = Pick<PairRow, 'values' | 'failures'> & {
  readonly rankedBy: PairsLeaderboard['rankedBy'] | null;
};

/** Runs one pair, and writes its files as the config has them reported; nothing is printed. */
async function runPair(
  base: Project,
  { run, weak, strong }: Pair,
  options: PairsOptions,
): Promise<PairValues> {
  const { opening } = base;
  const recorded = { weak: weak.name, strong: strong.name };
  const project = await openProject({
    ...opening,
    flags: { ...opening.flags, name: run, recorded },
    observer: options.observer,
    signal: options.signal,
  });
  const reporters = await openReporters(project, { kind: 'run' });
  const outcome = await runStages(project, {
    stages: ['prepare', 'train', 'eval'],
    datasets: options.datasets,
    routers: options.routers,
    signal: options.signal,
    observer: options.observer,
  });
  const { evaluated } = outcome;
  const failures = [...outcome.failures];
  if (evaluated !== null) {
    const report = buildRunReport(project, outcome, evaluated, undefined);
    const reported = await runReporters(reporters, report, {
      results: resultsFolder(project),
      print: () => {},
      note: () => {},
      colour: false,
      env: project.env,
      process: options.process,
      signal: options.signal,
    });
    failures.push(...reported.failures);
  }
  return {
    rankedBy: evaluated?.leaderboard.rankedBy ?? null,
    values: evaluated === null ? {} : headlineValues(evaluated.leaderboard),
    failures: failures.map(({ message }) => message),
  };
}

/** Router → its value of the metric that ranks; controls are left out. */
const headlineValues = ({ rows, rankedBy }: Leaderboard): PairRow['values'] =>
  Object.fromEntries(
    rows
      .filter(({ control }) => !control)
      .map(({ router, metrics }) => [
        router,
        metrics[rankedBy.column]?.[rankedBy.metric] ?? { value: null, reason: 'not measured' },
      ]),
  );

/** Runs one pair; a pair that cannot be run has the reasons as its failures. */
async function tryPair(project: Project, pair: Pair, options: PairsOptions): Promise<PairValues> {
  try {
    return await runPair(project, pair, options);
  } catch (error) {
    const failed = getHarnessErrors(error);
    if (failed === undefined || options.signal.aborted) throw error;
    return { rankedBy: null, values: {}, failures: failed.map(({ message }) => message) };
  }
}

/**
 * Runs the config for every two recorded models, the one with the lower mean grade as the weak one.
 * Work that pairs share (embeddings) is done once; the same call again resumes where it stopped. A
 * pair that cannot be run (its label has one class only, say) is listed with its reason, and the
 * others go on. Writes `results/pairs.json`. @throws PipelineError where there are no two models
 */
export async function runPairs(project: Project, options: PairsOptions): Promise<PairsReport> {
  const run = project.config.name;
  const pairs = buildPairs(run, await recordedModels(project, options));
  const task = options.observer.task('pairs of models', pairs.length, 0);
  const rows: PairRow[] = [];
  let rankedBy: PairsLeaderboard['rankedBy'] = { metric: 'auroc', column: '' };
  try {
    for (const pair of pairs) {
      options.signal.throwIfAborted();
      const { values, failures, ...outcome } = await tryPair(project, pair, options);
      rankedBy = outcome.rankedBy ?? rankedBy;
      rows.push({
        run: pair.run,
        weak: pair.weak.name,
        strong: pair.strong.name,
        weakScore: pair.weak.score,
        strongScore: pair.strong.score,
        values,
        failures,
      });
      task.advance(1);
    }
  } finally {
    task.end();
  }
  const leaderboard: PairsLeaderboard = { schema: 1, run, rankedBy, pairs: rows };
  const results = resultsFolder(project);
  const file = join(results, 'pairs.json');
  await writeAtomic(file, resultJson(leaderboard));
  const { cwd } = project.opening;
  return {
    kind: 'pairs',
    leaderboard,
    paths: { results: shownPath(cwd, results), file: shownPath(cwd, file) },
  };
}

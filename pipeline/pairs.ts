/** A run for every two models that the sets of a config have recorded. */
import { join, resolve } from 'node:path';
import { getHarnessErrors, type HarnessError } from '../core/errors.js';
import type { Observer } from '../storage/observer.js';
import { openProject, type ProjectOpening } from './project.js';
import { mean } from '../analysis/metrics/mean.js';
import {
  pairsMarkdown,
  type PairRow,
  type PairsLeaderboard,
} from '../plugins/reporters/_report/pairs-table.js';
import { resultJson } from '../storage/results/store.js';
import { onSets } from './rescore.js';
import { runStages } from './run.js';
import { writeAtomic } from '../storage/atomic.js';
import { PipelineError } from './errors.js';

/** Which sets and routers, and who watches. */
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
    const everywhere = [...scores]
      .filter(([, modelGrades]) => modelGrades.length === sets.length)
      .map(([name, modelGrades]) => ({ name, score: mean(modelGrades) }));
    const unknown =
      options.models?.filter((name) => !everywhere.some((other) => other.name === name)) ?? [];
    if (unknown.length > 0)
      throw refuse(
        `${unknown.map((name) => `"${name}"`).join(', ')} does not have recorded outcomes in every dataset; these models do: ${everywhere.map(({ name }) => name).join(', ')}`,
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

/**
 * Runs the config for every two recorded models, the one with the lower mean grade as the weak one.
 * Work that pairs share (embeddings)
 * is done once; the same call again goes on where it stopped. A pair that cannot be run (its label
 * has one class only, say) is told with
 * its reason, and the others go on. Writes `results/pairs.json` and `.md`. @throws HarnessError
 * RXB3010
 */
export async function runPairs(
  opening: ProjectOpening,
  options: PairsOptions,
): Promise<PairsLeaderboard & { readonly files: readonly string[] }> {
  const { run, results, models } = await recordedModels(opening, options);
  const pairs = models.flatMap((weak, i) =>
    models.slice(i + 1).map((strong) => ({ weak, strong })),
  );
  const task = options.observer.task('pairs of models', pairs.length, 0);
  const rows: PairRow[] = [];
  let rankedBy: PairsLeaderboard['rankedBy'] = { metric: 'auroc', column: '' };
  try {
    for (const [i, { weak, strong }] of pairs.entries()) {
      options.signal.throwIfAborted();
      const name = [
        run,
        slug(weak.name),
        slug(strong.name),
        ...(pairs
          .slice(0, i)
          .some(
            (other) =>
              slug(other.weak.name) === slug(weak.name) &&
              slug(other.strong.name) === slug(strong.name),
          )
          ? [String(i)]
          : []),
      ].join('-');
      const row = {
        run: name,
        weak: weak.name,
        strong: strong.name,
        weakScore: weak.score,
        strongScore: strong.score,
      };
      try {
        const project = await openProject({
          ...opening,
          flags: { ...opening.flags, name, recorded: { weak: weak.name, strong: strong.name } },
          observer: options.observer,
          signal: options.signal,
        });
        const { leaderboard, failures } = await runStages(project, {
          stages: ['prepare', 'train', 'eval'],
          datasets: options.datasets,
          routers: options.routers,
          signal: options.signal,
          observer: options.observer,
        });
        if (leaderboard !== null) rankedBy = leaderboard.rankedBy;
        rows.push({
          ...row,
          values: Object.fromEntries(
            (leaderboard?.rows ?? [])
              .filter(({ control }) => !control)
              .map(({ router, metrics }) => [
                router,
                metrics[rankedBy.column]?.[rankedBy.metric] ?? {
                  value: null,
                  reason: 'not measured',
                },
              ]),
          ),
          failures: failures.map(({ message }) => message),
        });
      } catch (error) {
        const failed = getHarnessErrors(error);
        if (failed === undefined || options.signal.aborted) throw error;
        rows.push({ ...row, values: {}, failures: failed.map(({ message }) => message) });
      }
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

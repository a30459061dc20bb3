/**
 * Everything that can be refused is refused here, all of it at once, before anything costs time.
 */
import { resolve } from 'node:path';
import { requireOwned } from '../storage/owned-folder.js';
import { AUROC_DROP } from '../analysis/leaderboard/column-support.js';
import { buildColumns } from '../analysis/leaderboard/leaderboard.js';
import { HarnessError } from '../core/errors.js';
import { loadMetrics, suggestMetric, type ProjectMetric } from './planning/metrics.js';
import { planModels } from './planning/models.js';
import { Planning } from './planning/planning.js';
import { planRouters } from './planning/routers.js';
import { warnAboutJudges } from './planning/scorer.js';
import { planSets } from './planning/sets.js';
import type { Project } from './project.js';
import { closeModels } from './open-context.js';
import { getModelName } from './signals/requests.js';
import { cacheFolder } from './spending/spending.js';
import type {
  Selection,
  PlannedModel,
  PlannedSet,
  PlannedRouter,
  Plan,
} from './planning/planned.js';
import { PipelineError } from './errors.js';

/**
 * Checks the selection and makes the plan. A single mistake is thrown as it is, several as
 * HarnessErrors.
 */
export async function makePlan(project: Project, selection: Selection = {}): Promise<Plan> {
  try {
    await requireOwned(resolve(project.folder, project.config.results), 'results');
    await requireOwned(cacheFolder(project), 'cache');
    return await buildPlan(project, selection);
  } finally {
    await project.registry.release(); // nothing is opened after this
  }
}

async function buildPlan(project: Project, selection: Selection): Promise<Plan> {
  const planning = new Planning(project, selection);
  const { mistakes, loadedThirdParty } = planning;
  const opened = await planModels(planning);
  const { models } = opened;
  const { routers, refused, listed } = await planRouters(planning, opened);
  const { sets, shared, between } = await planSets(planning, opened, routers);
  const metrics = (await mistakes.try(() => planMetrics(planning))) ?? [];
  refuseUnknownColumn(planning, sets);
  refuseTrainedOnTests(routers, sets, models).forEach((mistake) => mistakes.add(mistake));
  warnAboutJudges(
    project,
    models,
    sets.flatMap(({ scorers }) => scorers),
  );
  mistakes.join(refused.flatMap(({ errors }) => errors));
  mistakes.join([...opened.unopened.values()].flatMap(({ errors }) => errors));
  try {
    mistakes.throw();
  } catch (error) {
    await closeModels({ models });
    throw error;
  }
  const judged = routers.map((router): PlannedRouter => {
    const loadedPlugin = loadedThirdParty.get(router.package);
    if (loadedPlugin === undefined || router.unverifiedReason !== null) return router;
    const brings = `its package ${router.package} also brings ${loadedPlugin}`;
    return { ...router, unverifiedReason: `${brings}, which sees answers` };
  });
  const harness = await planning.code.hashHarness();
  const { unopened } = opened;
  return {
    project,
    harness,
    models,
    unopened,
    sets,
    routers: judged,
    refused,
    metrics,
    shared,
    between,
    listed,
  };
}

/** Loads the metrics, and looks whether there is the one that the leaderboard is ranked by. */
async function planMetrics(planning: Planning): Promise<readonly ProjectMetric[]> {
  const { project } = planning;
  const { metrics: entries, protocol } = project.config;
  const metrics = await loadMetrics({
    registry: project.registry,
    entries,
    getLocation: (entry, path) => planning.getLocation(entry, path),
    load: (entry) => planning.loadIntoProcess(entry, 'metric'),
    code: planning.code,
  });
  const known = metrics.map(({ definition }) => definition.name);
  const requireKnown = (name: string, path: string, names: readonly string[]): void => {
    if (names.includes(name)) return;
    planning.mistakes.add(
      new HarnessError(
        'unknownMetric',
        { name, suggestion: suggestMetric(project.registry, name, names) },
        { location: project.getLocation(path, name) },
      ),
    );
  };
  if (protocol.rankBy !== undefined)
    requireKnown(protocol.rankBy.metric, 'protocol.rankBy.metric', [...known, AUROC_DROP]);
  for (const name of Object.keys(project.config.gate.metrics))
    requireKnown(name, `gate.metrics.${name}`, known);
  return metrics;
}

/** The column that ranks must be one of the leaderboard; a part of the config may lack it. */
function refuseUnknownColumn(
  { project, selection, mistakes }: Planning,
  sets: readonly PlannedSet[],
): void {
  const column = project.config.protocol.rankBy?.column;
  if (column === undefined || selection.datasets !== undefined || sets.length === 0) return;
  const results = sets.map(({ name, role, group }) => ({ dataset: name, role, group }));
  const columns = [
    ...buildColumns(results, 'in-domain'),
    ...buildColumns(results, 'out-of-domain'),
  ].map(({ name }) => name);
  if (columns.includes(column)) return;
  mistakes.add(
    new PipelineError(
      'invalidConfig',
      {
        path: 'protocol.rankBy.column',
        problem: `there is no column "${column}"; the columns are ${columns.join(', ')}`,
      },
      { location: project.getLocation('protocol.rankBy.column', column) },
    ),
  );
}

/**
 * A classifier that was fine-tuned on rows of a test, or on an out-of-domain set at all, has seen
 * what it would be tested on.
 */
const refuseTrainedOnTests = (
  routers: readonly PlannedRouter[],
  sets: readonly PlannedSet[],
  models: ReadonlyMap<string, PlannedModel>,
): readonly HarnessError[] =>
  routers.flatMap((router) =>
    router.needs.flatMap((request) =>
      (models.get(getModelName(request))?.info.trainedOn ?? []).flatMap(
        ({ dataset, split, prompts }) => {
          const seen = ({ name, role, tested, test }: PlannedSet): boolean =>
            tested &&
            (test.promptsHash === prompts ||
              (name === dataset && (role === 'out-of-domain' || test.split === split)));
          return sets.some(seen)
            ? [
                new PipelineError('testOnFinetuneData', {
                  model: getModelName(request),
                  router: router.name,
                  dataset,
                  split,
                }),
              ]
            : [];
        },
      ),
    ),
  );

/** A plan in memory, of small plugin classes: what the tests of stages work on. */
import { ConfigSchema, type Config } from '../../core/config-schema.js';
import { checkOptions } from '../../core/container.js';
import type { Dataset, DatasetRow, Model, Scorer } from '../../core/contracts.js';
import { SILENT, type Observer } from '../../storage/observer.js';
import type { PluginDefinition } from '../../core/definitions.js';
import { getPluginMark, settled } from '../../core/plugin.js';
import type { RegistryEntry } from '../../core/registry.js';
import type { RouterInstance } from '../../core/router-instance.js';
import { getRouterShape } from '../../sandbox/router-shape.js';
import { closeContext, openContext, type ContextOptions } from '../../pipeline/open-context.js';
import type {
  Plan,
  PlannedModel,
  PlannedRouter,
  PlannedSet,
} from '../../pipeline/planning/planned.js';
import type { PlannedScorer } from '../../pipeline/planning/scorer.js';
import type { Project } from '../../pipeline/project.js';
import { METRICS } from './metrics.js';
import { mergeGeneration } from '../../pipeline/prompts.js';
import { openQuerySet } from '../../pipeline/query-set.js';
import type { RunContext } from '../../pipeline/run-context.js';
import { createInstance } from './instance.js';
import { inTemporaryFolder } from './temporary.js';

type PluginClass = new (...args: never[]) => unknown;

/** A plugin class with options; `as` is the name of the planned router. */
type Used =
  PluginClass | { readonly plugin: PluginClass; readonly options?: object; readonly as?: string };

/** What a plan is made of. A dataset with a `train` split is fitted on where a router is fitted. */
export interface StagePlan {
  readonly models: Readonly<Record<string, Used>>;
  readonly datasets: readonly { readonly plugin: PluginClass; readonly scorers: readonly Used[] }[];
  readonly routers?: readonly Used[];
  /** Members of the config besides models, datasets and routers. */
  readonly config?: Partial<Config>;
}

const readUsed = (used: Used): { plugin: PluginClass; options: object; as?: string } =>
  typeof used === 'function' ? { plugin: used, options: {} } : { options: {}, ...used };

/** The definition of a plugin class and its options with their defaults. */
function describe<Definition extends PluginDefinition>(
  plugin: PluginClass,
  given: object,
): { readonly definition: Definition; readonly options: unknown } {
  const mark = getPluginMark(plugin);
  if (mark === undefined) throw new Error(`${plugin.name} is not a plugin`);
  const options = checkOptions(
    { mark, plugin, package: 'test' } as unknown as RegistryEntry,
    given,
  );
  return { definition: mark.definition as unknown as Definition, options };
}

async function planModel(
  config: Plan['project']['config'],
  name: string,
  used: Used,
): Promise<PlannedModel> {
  const { plugin, options } = readUsed(used);
  const model: Model = createInstance('model', plugin, options);
  const generation = mergeGeneration(config, name);
  return { name, backend: plugin.name, code: null, model, info: await model.info(), generation };
}

async function planScorer(used: Used): Promise<PlannedScorer> {
  const { plugin, options: given } = readUsed(used);
  const { definition, options } = describe<{
    readonly name: string;
    readonly summary: string;
    readonly models?: (options: never) => readonly string[];
  }>(plugin, given);
  const instance: Scorer = createInstance('scorer', plugin, given);
  return {
    name: definition.name,
    version: 1,
    package: 'test',
    code: null,
    options,
    models: definition.models?.(options as never) ?? [],
    facts: (await instance.facts?.()) ?? null,
    instance,
  };
}

async function planSet(
  { plugin, scorers }: StagePlan['datasets'][number],
  fits: boolean,
): Promise<PlannedSet> {
  const { definition: given, options } = describe<never>(plugin, {});
  const definition = settled(given, options) as PlannedSet['definition'];
  const source: Dataset = createInstance('dataset', plugin);
  const { name } = definition;
  const open = async (split: string): Promise<PlannedSet['test']> =>
    await openQuerySet(source, {
      dataset: name,
      split,
      limit: undefined,
      count: undefined,
      seed: 1,
    });
  return {
    name,
    role: 'in-domain',
    group: null,
    definition,
    package: 'test',
    label:
      definition.label === 'correct'
        ? { kind: 'correct', threshold: definition.threshold ?? definition.scale[1] }
        : { kind: 'at-least-strong' },
    scorers: await Promise.all(scorers.map(planScorer)),
    tested: true,
    test: await open('test'),
    perturbed: null,
    fit: fits && definition.splits.includes('train') ? await open('train') : null,
  };
}

function planRouter(used: Used): PlannedRouter {
  const { plugin, options: given, as } = readUsed(used);
  const { definition, options } = describe<PlannedRouter['definition']>(plugin, given);
  const make = (): RouterInstance => createInstance('router', plugin, given) as RouterInstance;
  return {
    name: as ?? definition.name,
    definition,
    package: 'test',
    code: null,
    options,
    chosen: {},
    trials: [{}],
    withOptions: (over) =>
      Promise.resolve(
        planRouter({ plugin, ...(as === undefined ? {} : { as }), options: { ...given, ...over } }),
      ),
    ...getRouterShape(definition, options, make()),
    make,
    unverifiedReason: null,
    isolated: false,
  };
}

/** Opens a context for a plan whose results are in `folder`. */
async function openStage(
  folder: string,
  { models, datasets, routers = [], config: over = {} }: StagePlan,
  options: ContextOptions = {},
): Promise<RunContext> {
  const config = ConfigSchema.parse({
    models: Object.fromEntries(Object.keys(models).map((name) => [name, { use: name }])),
    datasets: { inDomain: ['set'] },
    routers: ['router'],
    ...over,
  });
  const planned = routers.map(planRouter);
  const fits = planned.some(({ fitted }) => fitted);
  // stages read only the config and the folder of a project
  const project = { config, folder, observer: SILENT } as Project;
  const plan: Plan = {
    project,
    harness: 'test',
    models: new Map(
      await Promise.all(
        Object.entries(models).map(
          async ([name, used]) => [name, await planModel(config, name, used)] as const,
        ),
      ),
    ),
    sets: await Promise.all(datasets.map(async (set) => await planSet(set, fits))),
    routers: planned,
    unopened: new Map(),
    refused: [],
    shared: [],
    between: () => [],
    metrics: METRICS,
    listed: planned.map(({ name }) => name),
  };
  return openContext(project, plan, options);
}

/** Works on such a plan in a folder of its own. */
export async function onStage<T>(
  stagePlan: StagePlan,
  work: (context: RunContext, folder: string) => Promise<T>,
  options: ContextOptions = {},
): Promise<T> {
  return await inTemporaryFolder(async (folder) => {
    const context = await openStage(folder, stagePlan, options);
    try {
      return await work(context, folder);
    } finally {
      await closeContext(context);
    }
  });
}

/** An observer that keeps warnings. */
export const keepWarnings = (): Observer & { readonly warnings: readonly string[] } => {
  const warnings: string[] = [];
  return { ...SILENT, warnings, warn: (text) => void warnings.push(text) };
};

/** A dataset row with its id, prompt and reference; the rest is fixed. */
export const question = (
  id: string,
  prompt: string,
  reference: string,
  more: Partial<DatasetRow> = {},
): DatasetRow => ({ id, prompt, reference, domain: 'test', ...more });

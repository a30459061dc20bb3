/** Decorators: they mark a class as a plugin of some kind. */
import type { z } from 'zod';
import type { Dataset, Metric, Model, Reporter, Router, Scorer } from './contracts.js';
import type {
  DatasetDefinition,
  MetricDefinition,
  ModelDefinition,
  ReporterDefinition,
  RouterDefinition,
  ScorerDefinition,
} from './definitions.js';
import type { SignalRequest, SignalsOf } from './signals/requests.js';

/** The version of the plugin API; a plugin built for another one is refused. */
export const PLUGIN_API = 1;

/** The property by which a plugin class is recognised. */
export const PLUGIN_TAG: unique symbol = Symbol.for('routerxbench.plugin') as never;

/** What an instance of each kind is. */
export interface InstanceOf {
  router: Router<object>;
  dataset: Dataset;
  scorer: Scorer;
  model: Model;
  metric: Metric;
  reporter: Reporter;
}

/** The definition of each kind. */
export interface DefinitionOf<Schema extends z.ZodType = z.ZodType> {
  router: RouterDefinition<readonly SignalRequest[], Schema>;
  dataset: DatasetDefinition<Schema>;
  scorer: ScorerDefinition<Schema>;
  model: ModelDefinition<Schema>;
  metric: MetricDefinition<Schema>;
  reporter: ReporterDefinition<Schema>;
}

/** The kinds of plugin. */
export type PluginKind = keyof InstanceOf;

/** The value of the tag. */
export type PluginMark = {
  [K in PluginKind]: {
    readonly api: number;
    readonly kind: K;
    readonly definition: DefinitionOf[K];
  };
}[PluginKind];

/** A class whose instances are of some type. */
export type Class<Instance> = new (...args: never[]) => Instance;

/** The decorator factory of a kind. */
export const markAs =
  <K extends PluginKind>(kind: K) =>
  <Schema extends z.ZodType>(definition: DefinitionOf<Schema>[K]) =>
  (target: Class<InstanceOf[K]>): void =>
    void Object.defineProperty(target, PLUGIN_TAG, {
      value: { api: PLUGIN_API, kind, definition },
    });

/** Marks a class as a router; its signals and `needs` must agree, or it does not compile. */
export const router: <
  const Needs extends readonly SignalRequest[],
  Schema extends z.ZodType = z.ZodType<object>,
>(
  definition: RouterDefinition<Needs, Schema>,
) => (target: Class<Router<SignalsOf<Needs>>>) => void = markAs('router') as never;
/** Marks a class as a dataset. */
export const dataset = markAs('dataset');
/** Marks a class as a scorer. */
export const scorer = markAs('scorer');
/** Marks a class as a model backend. */
export const model = markAs('model');
/** Marks a class as a metric. */
export const metric = markAs('metric');
/** Marks a class as a reporter. */
export const reporter = markAs('reporter');

/** The mark of a plugin class; undefined for anything else. */
export const getPluginMark = (candidate: unknown): PluginMark | undefined =>
  typeof candidate === 'function'
    ? (candidate as { [PLUGIN_TAG]?: PluginMark })[PLUGIN_TAG]
    : undefined;

/** The definition of a dataset once its options are known. */
export const settled = (definition: DatasetDefinition, options: unknown): DatasetDefinition => ({
  ...definition,
  ...definition.depends?.(options as never),
});

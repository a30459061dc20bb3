/** What makes a class a plugin: decorators mark it, `define…` functions make a marked class. */
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
import { inject } from './di.js';
import type { SignalRequest, SignalsOf } from './signals/requests.js';
import { FILES, LOGGER, OPTIONS, RANDOM, type Files, type Logger } from './tokens.js';
import type { Random } from './util/random.js';

/** The version of the plugin API; a plugin built for another one is refused. */
export const PLUGIN_API = 1;

/** The property by which a plugin class is recognised. */
const PLUGIN_TAG: unique symbol = Symbol.for('routerxbench.plugin') as never;

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

/** Any plugin class. */
export type PluginClass = new (...args: never[]) => unknown;

const markAs =
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

/** What an instance is made from: its checked options, a logger and its own random source. */
export interface Tools<Options> {
  readonly options: Options;
  readonly logger: Logger;
  readonly random: Random;
}

const TOKENS = { options: OPTIONS, logger: LOGGER, random: RANDOM };

/** A `define…` function: `More` are the tools that this kind gets besides {@link Tools}. */
const define =
  <K extends PluginKind, More = unknown>(kind: K, more = {}) =>
  <Schema extends z.ZodType>(
    definition: DefinitionOf<Schema>[K],
    make: (tools: Tools<z.output<Schema>> & More) => InstanceOf[K],
  ): PluginClass => {
    const tokens = Object.entries({ ...TOKENS, ...more });
    const Plugin = class {
      constructor(...given: readonly unknown[]) {
        return make(Object.fromEntries(tokens.map(([name], i) => [name, given[i]])) as never);
      }
    };
    Object.defineProperty(Plugin, 'name', { value: definition.name });
    tokens.forEach(([, token], i) => inject(token)(Plugin, undefined, i));
    markAs(kind)<Schema>(definition)(Plugin as never);
    return Plugin;
  };

/** Defines a router. Export what it returns. */
export const defineRouter: <
  const Needs extends readonly SignalRequest[],
  Schema extends z.ZodType = z.ZodType<object>,
>(
  definition: RouterDefinition<Needs, Schema>,
  make: (tools: Tools<z.output<Schema>>) => Router<SignalsOf<Needs>>,
) => PluginClass = define('router') as never;
/** Defines a dataset, which may also read files. */
export const defineDataset = define<'dataset', { readonly files: Files }>('dataset', {
  files: FILES,
});
/** Defines a scorer. */
export const defineScorer = define('scorer');
/** Defines a metric. */
export const defineMetric = define('metric');
/** Defines a reporter of `Report`, such as a finished run. */
export const defineReporter: <Report, Schema extends z.ZodType = z.ZodType<object>>(
  definition: ReporterDefinition<Schema>,
  make: (tools: Tools<z.output<Schema>>) => Reporter<Report>,
) => PluginClass = define('reporter') as never;

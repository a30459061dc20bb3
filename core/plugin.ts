import type { z } from 'zod';
import type { Dataset, Model, Router, Scorer } from './contracts.js';
import type { Metric } from './metric.js';
import type { Reporter } from './reporter.js';
import type { SignalRequest, SignalsOf } from './signals/requests.js';

/** The version of the plugin API; a plugin made for another one is refused. */
export const PLUGIN_API = 1;

/**
 * The tag by which a plugin is known: a class that carries it was marked by one of the decorators.
 */
export const PLUGIN_TAG: unique symbol = Symbol.for('routerxbench.plugin') as never;

/** The kinds of plugin. */
export type PluginKind = 'router' | 'dataset' | 'scorer' | 'model' | 'metric' | 'reporter';

/** One thing that `rxb doctor` looked at. */
export interface Finding {
  readonly what: string;
  /** `fail`: a run cannot work; `warn`: it works without. */
  readonly state: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** What to do where the state is not ok. */
  readonly fix?: string;
}

/** What every plugin says of itself. */
export interface PluginDefinition<Schema extends z.ZodType = z.ZodType> {
  /** Canonical name, kebab-case. */
  readonly name: string;
  /** One line for lists. */
  readonly summary: string;
  /** Other names it answers to. */
  readonly aliases?: readonly string[];
  /**
   * Raise it when the same input would give another output: it is part of artifact keys. Default 1.
   */
  readonly version?: number;
  /** A strict schema of its options; default: no options. */
  readonly options?: Schema;
  /** What it needs of this machine, looked at by `rxb doctor`; it may load heavy packages. */
  readonly environment?: () => Promise<readonly Finding[]>;
}

/** A router's own words: what it needs, and for the docs its formula and source. */
export interface RouterDefinition<
  Needs extends readonly SignalRequest[] = readonly SignalRequest[],
  Schema extends z.ZodType = z.ZodType,
> extends PluginDefinition<Schema> {
  readonly needs: Needs | ((options: z.output<Schema>) => Needs);
  /**
   * Names that stand for several routers at once: naming one names every router that lists it here.
   */
  readonly batches?: readonly string[];
  /**
   * A family `f`: an entry `{ use: 'f', options: { f_type: … } }` means the router of the family
   * that has this name or alias.
   */
  readonly family?: string;
  /** `logit`: the confidence is the logit of P(weak is right), so calibration can be measured. */
  readonly calibrated?: 'logit';
  /** Formula of the confidence, in one line. */
  readonly formula?: string;
  /** Paper or repository it comes from. */
  readonly source?: string;
  /** What it costs per query besides the weak model's answer. */
  readonly cost?: string;
}

/** A dataset's own words. */
export interface DatasetDefinition<
  Schema extends z.ZodType = z.ZodType,
> extends PluginDefinition<Schema> {
  readonly splits: readonly string[];
  readonly licence: string;
  /** Where the rows come from; `checksum` where they are files. */
  readonly source: { readonly text: string; readonly checksum?: string };
  /**
   * Name of the scorer that grades it when the config names none; of several, each grades what
   * those before it could not. One behind
   * the first that asks a model takes part where the config has that model.
   */
  readonly scorer: string | readonly string[];
  /** Lowest and highest grade. */
  readonly scale: readonly [number, number];
  /**
   * `correct`: label 1 where the weak grade reaches `threshold` (default: top of the scale).
   * `at-least-strong`: where weak ≥ strong.
   */
  readonly label: 'correct' | 'at-least-strong';
  readonly threshold?: number;
  /** What the options decide: it stands in place of the members above. */
  readonly depends?: (options: z.output<Schema>) => Partial<DatasetFacts>;
}

/** What a dataset says of its rows. */
export type DatasetFacts = Pick<
  DatasetDefinition,
  'splits' | 'licence' | 'source' | 'scorer' | 'scale' | 'label' | 'threshold'
>;

/** A dataset's words once its options are known. */
export const settled = (definition: DatasetDefinition, options: unknown): DatasetDefinition => ({
  ...definition,
  ...definition.depends?.(options as never),
});

/** A scorer's own words. */
export interface ScorerDefinition<
  Schema extends z.ZodType = z.ZodType,
> extends PluginDefinition<Schema> {
  /** Lowest and highest grade it gives. */
  readonly scale: readonly [number, number];
  /** Its grades are of whatever scale the dataset has: they were given elsewhere. */
  readonly anyScale?: true;
  /** Names of the models in the config that it asks, given its options. */
  readonly models?: (options: z.output<Schema>) => readonly string[];
}

/** A model backend's own words. */
export type ModelDefinition<Schema extends z.ZodType = z.ZodType> = PluginDefinition<Schema>;

/** A metric's own words. */
export interface MetricDefinition<
  Schema extends z.ZodType = z.ZodType,
> extends PluginDefinition<Schema> {
  readonly better: 'higher' | 'lower';
  /** Lowest and highest value; infinite where there is no bound. */
  readonly range: readonly [number, number];
  /**
   * What rows must have, else the value is null: `confidence` is always there; `probabilities`: a
   * confidence that is a logit; `costs`: the cost of every row.
   */
  readonly needs: 'confidence' | 'probabilities' | 'costs';
  /** Where it is shown among others, smallest first; default after all that say so. */
  readonly order?: number;
  /** What a router that decides at random gets in expectation, where that is known exactly. */
  readonly random?: number;
  /** Formula of the value, in one line. */
  readonly formula?: string;
  /** Paper or repository it comes from. */
  readonly source?: string;
}

/** A reporter's own words. */
export interface ReporterDefinition<
  Schema extends z.ZodType = z.ZodType,
> extends PluginDefinition<Schema> {
  /** What it can report. */
  readonly reports: readonly ('run' | 'comparison' | 'check' | 'pairs')[];
}

/** The value under the tag. */
export type PluginMark =
  | { readonly api: number; readonly kind: 'router'; readonly definition: RouterDefinition }
  | { readonly api: number; readonly kind: 'dataset'; readonly definition: DatasetDefinition }
  | { readonly api: number; readonly kind: 'scorer'; readonly definition: ScorerDefinition }
  | { readonly api: number; readonly kind: 'model'; readonly definition: ModelDefinition }
  | { readonly api: number; readonly kind: 'metric'; readonly definition: MetricDefinition }
  | { readonly api: number; readonly kind: 'reporter'; readonly definition: ReporterDefinition };

type Class<T> = new (...args: never[]) => T;

const mark = (target: object, value: PluginMark): void => {
  Object.defineProperty(target, PLUGIN_TAG, { value });
};

/**
 * Marks a class as a router. It does not compile where `needs` and the signals the class reads
 * disagree.
 */
export function router<
  const Needs extends readonly SignalRequest[],
  Schema extends z.ZodType = z.ZodType<object>,
>(definition: RouterDefinition<Needs, Schema>): (target: Class<Router<SignalsOf<Needs>>>) => void {
  return (target) =>
    mark(target, {
      api: PLUGIN_API,
      kind: 'router',
      definition: definition as unknown as RouterDefinition,
    });
}

/** Marks a class as a dataset. */
export function dataset<Schema extends z.ZodType>(
  definition: DatasetDefinition<Schema>,
): (target: Class<Dataset>) => void {
  return (target) =>
    mark(target, {
      api: PLUGIN_API,
      kind: 'dataset',
      definition: definition as unknown as DatasetDefinition,
    });
}

/** Marks a class as a scorer. */
export function scorer<Schema extends z.ZodType>(
  definition: ScorerDefinition<Schema>,
): (target: Class<Scorer>) => void {
  return (target) =>
    mark(target, {
      api: PLUGIN_API,
      kind: 'scorer',
      definition: definition as unknown as ScorerDefinition,
    });
}

/** Marks a class as a model backend. */
export function model<Schema extends z.ZodType>(
  definition: ModelDefinition<Schema>,
): (target: Class<Model>) => void {
  return (target) => mark(target, { api: PLUGIN_API, kind: 'model', definition });
}

/** Marks a class as a metric. */
export function metric<Schema extends z.ZodType>(
  definition: MetricDefinition<Schema>,
): (target: Class<Metric>) => void {
  return (target) => mark(target, { api: PLUGIN_API, kind: 'metric', definition });
}

/** Marks a class as a reporter. */
export function reporter<Schema extends z.ZodType>(
  definition: ReporterDefinition<Schema>,
): (target: Class<Reporter>) => void {
  return (target) => mark(target, { api: PLUGIN_API, kind: 'reporter', definition });
}

/** The mark of a plugin class, or undefined for anything else. */
export function getPluginMark(candidate: unknown): PluginMark | undefined {
  if (typeof candidate !== 'function') return undefined;
  return (candidate as { [PLUGIN_TAG]?: PluginMark })[PLUGIN_TAG];
}

/** What plugins say of themselves; given to the decorators and `define…` functions. */
import type { output, ZodType } from 'zod';
import type { SignalRequest } from './signals/requests.js';

/** The result of one check of `rxb doctor`. */
export interface Finding {
  readonly what: string;
  /** `fail`: a run cannot work; `warn`: it works without. */
  readonly state: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** What to do where the state is not ok. */
  readonly fix?: string;
}

/** What every plugin says of itself. */
export interface PluginDefinition<S extends ZodType = ZodType> {
  /** Canonical name, kebab-case. */
  readonly name: string;
  /** One line for lists. */
  readonly summary: string;
  /** Other names for it. */
  readonly aliases?: readonly string[];
  /** Raise it when the same input gives another output; part of artifact keys. Default 1. */
  readonly version?: number;
  /** A strict schema of its options; default: no options. */
  readonly options?: S;
  /** Checks for `rxb doctor` of what it needs on this machine; may load heavy packages. */
  readonly environment?: () => Promise<readonly Finding[]>;
}

/** Definition of a router. */
export interface RouterDefinition<
  Needs extends readonly SignalRequest[] = readonly SignalRequest[],
  S extends ZodType = ZodType,
> extends PluginDefinition<S> {
  /** The signals that it reads. */
  readonly needs: Needs | ((options: output<S>) => Needs);
  /** Batches that it belongs to; a batch's name in a config means all routers that list it. */
  readonly batches?: readonly string[];
  /** Family `f`: `{ use: 'f', options: { f_type: 'x' } }` means its router with name or alias x. */
  readonly family?: string;
  /** Values of options of a router that learns, to choose from on validation rows. */
  readonly search?: Readonly<Record<string, readonly unknown[]>>;
  /** `logit`: the confidence is the logit of P(weak is right), so calibration is measured. */
  readonly calibrated?: 'logit';
  /** Formula of the confidence, in one line. */
  readonly formula?: string;
  /** Paper or repository it comes from. */
  readonly source?: string;
  /** Cost per query besides the weak model's answer. */
  readonly cost?: string;
}

/** Definition of a dataset. */
export interface DatasetDefinition<S extends ZodType = ZodType> extends PluginDefinition<S> {
  readonly splits: readonly string[];
  readonly licence: string;
  /** Origin of the rows; `checksum` where they are files. */
  readonly source: { readonly text: string; readonly checksum?: string };
  /**
   * Default scorer. Of several, each grades what the ones before it could not; one after the first
   * that asks a model is used only where the config has that model.
   */
  readonly scorer: string | readonly string[];
  /** Lowest and highest grade. */
  readonly scale: readonly [number, number];
  /** Label 1: the weak grade reaches `threshold` (default: the top), or that of the strong one. */
  readonly label: 'correct' | 'at-least-strong';
  readonly threshold?: number;
  /** Replaces the members above by what the options decide. */
  readonly depends?: (options: output<S>) => Partial<DatasetFacts>;
}

/** What a dataset says of its rows. */
export type DatasetFacts = Pick<
  DatasetDefinition,
  'splits' | 'licence' | 'source' | 'scorer' | 'scale' | 'label' | 'threshold'
>;

/** Definition of a scorer. */
export interface ScorerDefinition<S extends ZodType = ZodType> extends PluginDefinition<S> {
  /** Lowest and highest grade it gives. */
  readonly scale: readonly [number, number];
  /** It gives recorded grades, which have the scale of the dataset. */
  readonly anyScale?: true;
  /** Names of the models in the config that it asks, given its options. */
  readonly models?: (options: output<S>) => readonly string[];
}

/** Definition of a model backend. */
export type ModelDefinition<S extends ZodType = ZodType> = PluginDefinition<S>;

/** Definition of a metric. */
export interface MetricDefinition<S extends ZodType = ZodType> extends PluginDefinition<S> {
  readonly better: 'higher' | 'lower';
  /** Lowest and highest value; infinite where there is no bound. */
  readonly range: readonly [number, number];
  /** What rows must have besides grades; `probabilities`: confidences that are logits. */
  readonly needs: 'confidence' | 'probabilities' | 'costs';
  /** Position among metrics, smallest first; metrics without one come last. */
  readonly order?: number;
  /** What random decisions get in expectation, if known exactly; why there can be no interval. */
  readonly random?: number;
  readonly noInterval?: string;
  /** Formula of the value, in one line, and the paper or repository it comes from. */
  readonly formula?: string;
  readonly source?: string;
}

/** Definition of a reporter. */
export interface ReporterDefinition<S extends ZodType = ZodType> extends PluginDefinition<S> {
  /** What it can report. */
  readonly reports: readonly ('run' | 'comparison' | 'check' | 'pairs')[];
}

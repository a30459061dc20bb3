import type { JsonObject } from '../util/json.js';

/**
 * What a router sees of a query: its text and the signals it declared; no id, dataset or label.
 * Signal arrays are reused for later queries while scoring: copy what must be kept.
 */
export interface RouterInput<Signals> {
  readonly query: { readonly text: string };
  readonly signals: Signals;
}

/** One row to fit on; `label` is 1 where the weak model is good enough, else 0. */
export interface FitRow<Signals> extends RouterInput<Signals> {
  readonly label: 0 | 1;
}

/** Rows to fit on in a seeded random order; every call of `blocks` yields the same rows. */
export interface FitData<Signals> {
  readonly rows: number;
  readonly blocks: () => AsyncIterable<readonly FitRow<Signals>[]>;
}

/** A tensor: its shape and its row-major values. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What `fit` returns and `restore` takes; the harness stores it. */
export interface Weights {
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly meta: JsonObject;
}

/** One step of fitting, for the progress display. */
export interface FitProgress {
  readonly epoch: number;
  readonly epochs: number;
  readonly trainLoss?: number;
  readonly validationLoss?: number;
}

/** Stores an interrupted fit's state until it is done; a resumed fit ends with the same bytes. */
export interface FitCheckpoint {
  /** The state that was saved last; undefined for a new fit. */
  readonly load: () => Promise<Weights | undefined>;
  /** Whether enough time has passed to save again; an aborted fit saves in any case. */
  readonly due: () => boolean;
  readonly save: (state: Weights) => Promise<void>;
}

/** What `fit` may use besides its data; all randomness comes from `seed`. */
export interface FitContext {
  readonly seed: number;
  readonly progress: (step: FitProgress) => void;
  readonly signal: AbortSignal;
  /** Absent where nothing can be stored, as in a test. */
  readonly checkpoint?: FitCheckpoint;
  /** Cores that the fit may use (default 1); the weights must not depend on it. */
  readonly cores?: number;
}

/** Confidence in the weak model: finite, before squashing, larger = keep it; null = no opinion. */
export type Confidence = number | null;

/**
 * Predicts whether the weak model will answer a query well enough. It has `score` or `scoreBatch`,
 * both pure: no I/O, clock or randomness. A router that learns also has `fit` and `restore`, which
 * is called before scoring.
 */
export interface Router<Signals> {
  readonly score?: (input: RouterInput<Signals>) => Confidence;
  readonly scoreBatch?: (
    inputs: readonly RouterInput<Signals>[],
  ) => readonly Confidence[] | Promise<readonly Confidence[]>;
  readonly fit?: (
    train: FitData<Signals>,
    validation: FitData<Signals>,
    context: FitContext,
  ) => Promise<Weights>;
  readonly restore?: (weights: Weights) => void | Promise<void>;
}

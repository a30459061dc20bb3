import type { Confidence, Router, RouterInput } from './contracts.js';

/** Unchecked confidences, and the milliseconds that the router took for each input. */
export interface TimedConfidences {
  readonly confidences: readonly Confidence[];
  readonly milliseconds: readonly number[];
}

/** A router in this process, or one in a process of its own that must be closed. */
export interface RouterInstance extends Router<object> {
  /** `scoreBatch` in another process, with the time that scoring took there. */
  readonly scoreTimed?: (inputs: readonly RouterInput<object>[]) => Promise<TimedConfidences>;
  /** How many blocks it can receive before it has answered the first one; default 1. */
  readonly blocksAtOnce?: number;
  readonly close?: () => Promise<void>;
}

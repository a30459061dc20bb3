import type { Confidence, Router, RouterInput } from './contracts.js';

/** Confidences as they came, unchecked, and the router's own milliseconds for each input. */
export interface TimedConfidences {
  readonly confidences: readonly Confidence[];
  readonly milliseconds: readonly number[];
}

/** A router as the stages hold it: in this process, or in one of its own that has to be ended. */
export interface RouterInstance extends Router<object> {
  /**
   * Where scoring happens elsewhere: the same as `scoreBatch`, with the time that it took there.
   */
  readonly scoreTimed?: (inputs: readonly RouterInput<object>[]) => Promise<TimedConfidences>;
  /** Blocks that may be asked for before the first of them is answered; left out = one. */
  readonly blocksAtOnce?: number;
  readonly close?: () => Promise<void>;
}

/** Scores some inputs by whichever way the router has, and takes the time. */
export async function scoreTimed(
  instance: RouterInstance,
  inputs: readonly RouterInput<object>[],
): Promise<TimedConfidences> {
  if (instance.scoreTimed !== undefined) return await instance.scoreTimed(inputs);
  if (instance.scoreBatch !== undefined) {
    const started = performance.now();
    const confidences = await instance.scoreBatch(inputs);
    const each = (performance.now() - started) / inputs.length;
    return { confidences, milliseconds: inputs.map(() => each) };
  }
  const milliseconds: number[] = [];
  const confidences = inputs.map((input) => {
    const started = performance.now();
    // one of the two is there: plan has looked
    const confidence = instance.score?.(input) as Confidence;
    milliseconds.push(performance.now() - started);
    return confidence;
  });
  return { confidences, milliseconds };
}

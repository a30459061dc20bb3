import type { Random } from '../../../core/index.js';
import type { Parameters } from './kernel/parameters.js';
import type { Window } from './rows.js';

/** A model that can be trained on minibatches. */
export interface Trainable {
  readonly parameters: Parameters;
  /**
   * Sets the gradient to that of the mean loss over some rows of a window, as in training (dropout,
   * sampled weights), and returns the summed loss. All random numbers come from `random`.
   */
  readonly learn: (window: Window, rows: Int32Array, random: Random) => number;
  /** Summed loss over all rows of a window, as in scoring. */
  readonly measure: (window: Window) => number;
}

/** Binary cross-entropy of a logit: max(z, 0) − z·y + ln(1 + e^−|z|). */
export const crossEntropy = (z: number, y: number): number =>
  Math.max(z, 0) - z * y + Math.log1p(Math.exp(-Math.abs(z)));

/** Its derivative with respect to the logit: σ(z) − y. */
export const crossEntropySlope = (z: number, y: number): number => 1 / (1 + Math.exp(-z)) - y;

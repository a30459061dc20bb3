/**
 * Limits the arithmetic of a comparison. Steps, unlike milliseconds, are the same on every machine
 * and under every load.
 */
import type { Operation } from './expression.js';

/** Thrown when a comparison exceeds its limit. */
export class TooMuchWork extends Error {
  override readonly name = 'TooMuchWork';
}

/** Default number of steps of a comparison: well under a tenth of a second. */
export const MOST_WORK = 5000;

/** Steps of an operation on numbers of 34 digits; one step is an addition. Measured, rounded up. */
const COSTS: Readonly<Partial<Record<Operation, number>>> = {
  power: 30,
  root: 40,
  exp: 10,
  ln: 10,
  log: 20,
  determinant: 60,
  factorial: 30,
  binomial: 50,
  sin: 8,
  cos: 8,
  tan: 12,
  cot: 12,
  sec: 8,
  csc: 8,
  sinh: 20,
  cosh: 20,
  tanh: 20,
  asinh: 15,
  acosh: 15,
  atanh: 20,
  asin: 50,
  acos: 50,
  atan: 50,
  acot: 50,
};
const WHOLE_POWER = 3;
const SQUARE_ROOT = 5;

/** Steps of `name`; powers and roots by integers are cheaper. */
export function getOperationCost(name: Operation, whole: boolean): number {
  if (whole && name === 'power') return WHOLE_POWER;
  if (whole && name === 'root') return SQUARE_ROOT;
  return COSTS[name] ?? 1;
}

/** Counts steps. */
export class Work {
  #done = 0;

  constructor(readonly most: number = MOST_WORK) {}

  /** Steps so far. */
  get done(): number {
    return this.#done;
  }

  /** @throws TooMuchWork beyond the limit */
  spend(steps: number): void {
    this.#done += steps;
    if (this.#done > this.most)
      throw new TooMuchWork(`comparing takes more than ${this.most} steps`);
  }
}

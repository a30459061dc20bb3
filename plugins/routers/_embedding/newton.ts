/**
 * Truncated Newton method for smooth convex functions: each step solves H·s = −g by conjugate
 * gradients, which needs only products with H, and is halved until the function decreases enough.
 * Lin, Weng and Keerthi (2008) use it for these losses in LIBLINEAR, with a trust region in place
 * of the line search. Double precision throughout; no randomness.
 */
import { dot } from '../_fit/dot.js';

/**
 * A convex function at one point: its value, its gradient, and products with its (generalised)
 * Hessian.
 */
export interface LocalModel {
  readonly value: number;
  readonly gradient: Float64Array;
  readonly hessianTimes: (direction: Float64Array) => Float64Array;
}

/** Settings of the search. */
export interface NewtonSettings {
  /**
   * Converged when the largest component of the gradient is below this fraction of the largest at
   * the start.
   */
  readonly tolerance: number;
  readonly maxSteps: number;
  /** Called before each step; throw here to stop. */
  readonly before: (step: number, value: number) => Promise<void> | void;
}

/** Where the search ended. */
export interface Minimum {
  readonly point: Float64Array;
  readonly value: number;
  readonly steps: number;
  /** Largest component of the gradient at `point`, absolute. */
  readonly gradient: number;
  readonly converged: boolean;
}

const SUFFICIENT = 1e-4;
const ROUNDING = 1e-12;
const MOST_HALVINGS = 40;

const largest = (a: Float64Array): number =>
  a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const plus = (a: Float64Array, scale: number, b: Float64Array): Float64Array =>
  a.map((value, i) => value + scale * b[i]!);

/**
 * Solves H·s = −g until the residual is below min(0.1, √(‖g‖ / ‖g at the start‖))·‖g‖: roughly far
 * from the minimum, accurately near it.
 */
function newtonStep({ gradient, hessianTimes }: LocalModel, scale: number): Float64Array {
  let step: Float64Array = new Float64Array(gradient.length);
  let residual: Float64Array = gradient.map((value) => -value);
  let direction: Float64Array = residual;
  let square = dot(residual, residual);
  const norm = Math.sqrt(square);
  const enough = Math.min(0.1, Math.sqrt(norm / scale)) * norm;
  for (let i = 0; i < 2 * gradient.length && Math.sqrt(square) > enough; i++) {
    const product = hessianTimes(direction);
    const curvature = dot(direction, product);
    if (!(curvature > 0)) break;
    const along = square / curvature;
    step = plus(step, along, direction);
    residual = plus(residual, -along, product);
    const next = dot(residual, residual);
    direction = plus(residual, next / square, direction);
    square = next;
  }
  return step;
}

/** Minimises from `start`. */
export async function minimise(
  evaluate: (point: Float64Array) => LocalModel,
  start: Float64Array,
  settings: NewtonSettings,
): Promise<Minimum> {
  let point = start;
  let current = evaluate(point);
  const first = largest(current.gradient);
  const scale = Math.sqrt(dot(current.gradient, current.gradient)) || 1;
  const result = (steps: number, converged: boolean): Minimum => ({
    point,
    value: current.value,
    steps,
    gradient: largest(current.gradient),
    converged,
  });
  for (let step = 0; step < settings.maxSteps; step++) {
    await settings.before(step, current.value);
    if (largest(current.gradient) <= settings.tolerance * first) return result(step, true);
    const direction = newtonStep(current, scale);
    const slope = dot(direction, current.gradient);
    if (!(slope < 0)) return result(step, false);
    // Near the minimum, rounding hides the decrease of the value; accept a smaller gradient
    // instead.
    const better = (candidate: LocalModel, share: number): boolean =>
      candidate.value <= current.value + SUFFICIENT * share * slope ||
      (candidate.value <= current.value + ROUNDING * Math.abs(current.value) &&
        largest(candidate.gradient) < largest(current.gradient));
    let share = 1;
    let candidate = evaluate(plus(point, share, direction));
    for (let i = 0; i < MOST_HALVINGS && !better(candidate, share); i++) {
      share /= 2;
      candidate = evaluate(plus(point, share, direction));
    }
    if (!better(candidate, share)) return result(step, false);
    point = plus(point, share, direction);
    current = candidate;
  }
  return result(settings.maxSteps, largest(current.gradient) <= settings.tolerance * first);
}

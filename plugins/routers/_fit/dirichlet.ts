/**
 * Dirichlet samples and their implicit reparameterised gradient (Figurnov, Mohamed and Mnih, 2018).
 */
import type { Random } from '../../../core/index.js';

const TINY = 1e-300;
const ALMOST_ONE = 1 - 2 ** -53;
const ENOUGH = 1e-15;
const MOST_TERMS = 100_000;

/**
 * ψ, the derivative of ln Γ, for x > 0: recurrence up to 10, then the asymptotic series.
 * @internal Exported for its tests.
 */
export function digamma(x: number): number {
  let value = 0;
  let shifted = x;
  for (; shifted < 10; shifted++) value -= 1 / shifted;
  const square = 1 / (shifted * shifted);
  return (
    value +
    Math.log(shifted) -
    0.5 / shifted -
    square *
      (1 / 12 - square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square * (1 / 132)))))
  );
}

/**
 * ln of a Gamma(shape, 1) sample (Marsaglia and Tsang, 2000). For shapes below 1, a sample of shape
 * + 1 is multiplied by U^(1/shape), which underflows for small shapes; its logarithm does not.
 * @internal Exported for its tests.
 */
export function logGamma(shape: number, random: Random): number {
  const boosted = shape < 1;
  const d = (boosted ? shape + 1 : shape) - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = 1 - random.float();
    if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v))
      return Math.log(d * v) + (boosted ? Math.log(1 - random.float()) / shape : 0);
  }
}

/** A sample of Dir(concentrations): numbers strictly between 0 and 1 that sum to 1. */
export function sampleDirichlet(concentrations: ArrayLike<number>, random: Random): Float64Array {
  const parts = new Float64Array(concentrations.length);
  let top = -Infinity;
  for (let i = 0; i < parts.length; i++) {
    const log = logGamma(concentrations[i]!, random);
    parts[i] = log;
    if (log > top) top = log;
  }
  let sum = 0;
  for (let i = 0; i < parts.length; i++) sum += parts[i] = Math.exp(parts[i]! - top);
  for (let i = 0; i < parts.length; i++)
    parts[i] = Math.min(ALMOST_ONE, Math.max(TINY, parts[i]! / sum));
  return parts;
}

/**
 * Derivative of one component x ~ Beta(β, total − β) of a Dirichlet sample with respect to its
 * concentration, divided by 1 − x: −(∂F/∂β) / (p(x) · (1 − x)), where F and p are the distribution
 * function and density of that Beta. F is I_x(β, total − β), written as the series I_x(a, b) = x^a
 * (1 − x)^b / (a B(a, b)) · Σ_n (a + b)_n / (a + 1)_n · xⁿ, which has positive terms only, and
 * differentiated term by term; for large x the series of 1 − I_{1−x}(b, a). `psiOfTotal` is
 * ψ(total), which all components share. Exact up to rounding, whereas PyTorch approximates for
 * large concentrations.
 * @internal Exported for its tests.
 */
export function dirichletCoefficient(
  x: number,
  beta: number,
  total: number,
  psiOfTotal = digamma(total),
): number {
  const other = total - beta;
  const log = Math.log(x);
  const low = x < (beta + 1) / (total + 2) || (x <= 0.5 && total < 50);
  const [ratio, shape] = low ? [x, beta] : [1 - x, other];
  let factor = 1;
  let term = log + psiOfTotal - digamma(low ? beta + 1 : beta);
  let sum = 0;
  for (let n = 0; n < MOST_TERMS; n++) {
    const product = factor * term;
    sum += product;
    const next = ratio * ((total + n) / (shape + 1 + n));
    // terms decrease at least geometrically once their ratio is below 1
    if (
      next < 1 &&
      Math.abs(factor) * (Math.abs(log) + Math.abs(term)) < ENOUGH * Math.abs(sum) * (1 - next)
    )
      break;
    factor *= next;
    term += 1 / (total + n) - (low ? 1 / (beta + 1 + n) : 0);
  }
  return low ? (-x / beta) * sum : (x / other) * sum;
}

/**
 * Gradient with respect to the concentrations of a function of a Dirichlet sample: coefficient_i ·
 * (g_i − Σ_j x_j g_j), where g is its gradient with respect to the sample. When concentration i
 * moves x_i, the other components shrink in proportion.
 */
export function dirichletGradient(
  concentrations: ArrayLike<number>,
  sample: ArrayLike<number>,
  slope: ArrayLike<number>,
): Float64Array {
  let total = 0;
  let mean = 0;
  for (let i = 0; i < concentrations.length; i++) {
    total += concentrations[i]!;
    mean += sample[i]! * slope[i]!;
  }
  const psiOfTotal = digamma(total);
  const gradient = new Float64Array(concentrations.length);
  for (let i = 0; i < gradient.length; i++)
    gradient[i] =
      dirichletCoefficient(sample[i]!, concentrations[i]!, total, psiOfTotal) * (slope[i]! - mean);
  return gradient;
}

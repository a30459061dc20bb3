/** Student's t distribution. */
import { normalQuantile, normalTail } from './normal.js';

/** ln Γ(x) for x > 0: Stirling's series, after shifting x to where it is exact to 1e-15. */
function logGamma(x: number): number {
  let [shifted, log] = [x, 0];
  for (; shifted < 12; shifted++) log -= Math.log(shifted);
  const square = 1 / (shifted * shifted);
  const series = 1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680)));
  return (
    log +
    (shifted - 0.5) * Math.log(shifted) -
    shifted +
    Math.log(2 * Math.PI) / 2 +
    series / shifted
  );
}

/**
 * The regularised incomplete beta function I(x; a, b), for x below its mean, by its continued
 * fraction (Abramowitz and Stegun, 1964, 26.5.8), evaluated from the front as Lentz (1976) does.
 */
function incompleteBeta(x: number, a: number, b: number): number {
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x),
  );
  let numerator = 1;
  let denominator = 1 / (1 - ((a + b) * x) / (a + 1));
  let fraction = denominator;
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    denominator = 1 / (1 + even * denominator);
    numerator = 1 + even / numerator;
    fraction *= denominator * numerator;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    denominator = 1 / (1 + odd * denominator);
    numerator = 1 + odd / numerator;
    const change = denominator * numerator;
    fraction *= change;
    if (Math.abs(change - 1) < 1e-15) break;
  }
  return (front * fraction) / a;
}

/** P(T > t) with the given degrees of freedom; the normal distribution where they are infinite. */
export function studentTail(t: number, degrees: number): number {
  if (degrees === Infinity) return normalTail(t);
  if (t < 0) return 1 - studentTail(-t, degrees);
  const x = degrees / (degrees + t * t);
  const [a, b] = [degrees / 2, 0.5];
  // The fraction converges fast on one side of the mean only; the other one is its complement.
  const both =
    x < (a + 1) / (a + b + 2) ? incompleteBeta(x, a, b) : 1 - incompleteBeta(1 - x, b, a);
  return both / 2;
}

const density = (t: number, degrees: number): number =>
  Math.exp(
    logGamma((degrees + 1) / 2) -
      logGamma(degrees / 2) -
      Math.log(degrees * Math.PI) / 2 -
      ((degrees + 1) / 2) * Math.log1p((t * t) / degrees),
  );

/**
 * t with P(T > t) = p, 0 < p ≤ 0.5, by Newton's method from the normal quantile: the tail is
 * convex, so that each step stays on the near side of the solution.
 */
export function studentQuantile(p: number, degrees: number): number {
  let t = normalQuantile(p);
  if (degrees === Infinity) return t;
  for (let i = 0; i < 200; i++) {
    const step = (studentTail(t, degrees) - p) / density(t, degrees);
    t += step;
    if (Math.abs(step) <= 1e-12 * t) break;
  }
  return t;
}

/** Activation between the layers of a head. */
export type Activation = 'relu' | 'gelu';

/** The error function to 1.5e-7 (Abramowitz and Stegun, 7.1.26). */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const tail =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) *
    Math.exp(-x * x);
  return Math.sign(x) * (1 - tail);
}

/** Standard normal distribution function. */
const below = (x: number): number => 0.5 * (1 + erf(x * Math.SQRT1_2));

/** Gaussian error linear unit: x · Φ(x) (Hendrycks and Gimpel, arXiv 1606.08415). */
export const gelu = (x: number): number => x * below(x);

/** Derivative of GELU. */
export const geluSlope = (x: number): number =>
  below(x) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);

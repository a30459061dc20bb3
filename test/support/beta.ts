/**
 * The distribution function of Beta(a, b) by its continued fraction: independent of the series in
 * the routers.
 */

/** ln Γ (Lanczos, g = 7, nine terms). */
function logGammaFunction(x: number): number {
  const terms = [
    676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGammaFunction(1 - x);
  const at = x + 6.5;
  const sum = terms.reduce((total, term, i) => total + term / (x + i), 0.99999999999980993);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(at) - at + Math.log(sum);
}

const front = (x: number, a: number, b: number): number =>
  Math.exp(
    a * Math.log(x) +
      b * Math.log1p(-x) +
      logGammaFunction(a + b) -
      logGammaFunction(a) -
      logGammaFunction(b),
  );

/** I_x(a, b), modified Lentz. */
export function betaCdf(x: number, a: number, b: number): number {
  if (x > (a + 1) / (a + b + 2)) return 1 - betaCdf(1 - x, b, a);
  let [c, d] = [1, 1 / (1 - ((a + b) * x) / (a + 1))];
  let value = d;
  for (let m = 1; m < 1000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return (front(x, a, b) / a) * value;
}

/** Density of Beta(a, b). */
export const betaDensity = (x: number, a: number, b: number): number =>
  front(x, a, b) / (x * (1 - x));

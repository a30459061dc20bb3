import { normalQuantile } from './normal.js';

/** Wilson's interval of the rate hits / n (Wilson, 1927); 0 to 1 where n is 0. */
export function wilson(
  hits: number,
  n: number,
  level = 0.95,
): readonly [low: number, high: number] {
  if (n === 0) return [0, 1];
  const z = normalQuantile((1 - level) / 2);
  const rate = hits / n;
  const middle = rate + (z * z) / (2 * n);
  const half = z * Math.sqrt((rate * (1 - rate)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  return [Math.max(0, (middle - half) / scale), Math.min(1, (middle + half) / scale)];
}

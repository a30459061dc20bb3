/**
 * The paper's grid of call rates, numpy's linspace(0, 1, 101): rate i is the double i · 0.01, and
 * the last one is 1.
 */
export const CALL_RATES: readonly number[] = Array.from({ length: 101 }, (_, i) =>
  i === 100 ? 1 : i * 0.01,
);

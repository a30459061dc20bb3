/** Formats a number with four decimals; null is –. */
export const decimals = (value: number | null): string => (value === null ? '–' : value.toFixed(4));

/** Formats a number with four decimals and its sign; null is –. */
export const signedDecimals = (value: number | null): string =>
  value === null ? '–' : `${value < 0 ? '−' : '+'}${decimals(Math.abs(value))}`;

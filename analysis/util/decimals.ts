/** A number with four decimals; – where there is none. */
export const decimals = (value: number | null): string => (value === null ? '–' : value.toFixed(4));

/** The same with its sign in front. */
export const signedDecimals = (value: number | null): string =>
  value === null ? '–' : `${value < 0 ? '−' : '+'}${decimals(Math.abs(value))}`;

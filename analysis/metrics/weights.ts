/** How often each row of a set counts. */
export interface Weights {
  readonly multiplicity: Uint16Array;
  /** Sums over rows, each counted by its multiplicity. */
  readonly rows: number;
  readonly right: number;
  readonly weakSum: number;
  readonly strongSum: number;
  /** Changes with the weights: sums that were computed for the same stamp can be reused. */
  readonly stamp: number;
}

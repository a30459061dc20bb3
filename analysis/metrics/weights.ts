/** How often each row of a set counts. */
export interface Weights {
  readonly multiplicity: Uint16Array;
  /** Sums over rows, each as often as it counts. */
  readonly rows: number;
  readonly right: number;
  readonly weakSum: number;
  readonly strongSum: number;
  /** Another number for other weights: sums that were taken under it need not be taken again. */
  readonly stamp: number;
}

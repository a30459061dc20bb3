/**
 * The rows of one router on one set. Grades are divided to [0, 1]; a NaN confidence stands for
 * null.
 */
export interface ScoredRows {
  readonly n: number;
  readonly weak: Float64Array;
  readonly strong: Float64Array;
  /** 1 where the weak model will do. */
  readonly label: Uint8Array;
  /**
   * Larger = keep the weak model; NaN = no opinion: one tie group below all numbers, escalated
   * first.
   */
  readonly confidence: Float64Array;
  /** Left out where no cost of any row is known. */
  readonly cost?: RowCosts;
}

/** US dollars a query; NaN = not known. */
export interface RowCosts {
  readonly weak: Float64Array;
  /**
   * Of a query that is sent on: with the weak model's cost where the router looks at its answer
   * first.
   */
  readonly strong: Float64Array;
}

/** A number, or why there is none. */
export type MetricValue =
  { readonly value: number } | { readonly value: null; readonly reason: string };

/** What metrics need to know besides the rows. */
export interface MetricSettings {
  /** Call rates of the low band. */
  readonly lowBand: readonly [number, number];
  /** Shares of the gap between weak and strong. */
  readonly recoveryBand: readonly [number, number];
  /** Whether the confidence is a logit of P(label = 1), so that calibration is defined. */
  readonly calibrated?: boolean;
}

/** The paper's bands. */
export const DEFAULT_SETTINGS: MetricSettings = {
  lowBand: [0.25, 0.3],
  recoveryBand: [0.85, 0.95],
};

/** No value, and why. */
export const none = (reason: string): MetricValue => ({ value: null, reason });

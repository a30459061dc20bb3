/** US dollars per query, kept or escalated, deciding included; NaN = unknown. */
export interface RowCosts {
  readonly weak: Float64Array;
  readonly strong: Float64Array;
  readonly strongAlone?: Float64Array; // without a router; left out = `strong`
}

/** The rows of one router on one set, in no particular order. Grades are scaled to [0, 1]. */
export interface ScoredRows {
  readonly n: number;
  readonly weak: Float64Array;
  readonly strong: Float64Array;
  /** 1 where the weak model is good enough. */
  readonly label: Uint8Array;
  /** Larger = keep the weak model; NaN = no opinion, one tie group below all numbers. */
  readonly confidence: Float64Array;
  /** Left out where no cost of any row is known. */
  readonly cost?: RowCosts;
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

/** The rows of a set as all its routers share them. */
export type GradedRows = Omit<ScoredRows, 'confidence'>;

/** A number for each row. Define it outside the metric: it is the key under which it is kept. */
export type RowQuantity = (rows: GradedRows) => Float64Array;

/** Averages per query of routing decisions: the score, and the cost in US dollars. */
export interface Decisions {
  readonly score: number;
  readonly cost: number;
  /** Share of queries that go to the cheapest of the best-scoring models. */
  readonly optimal: number;
  /** Answers with full marks, those no model gives for less, their cost, and the least for it. */
  readonly right: readonly [share: number, cheapest: number, cost: number, least: number];
  /** The same if every query went to its cheapest best-scoring model. */
  readonly best: { readonly score: number; readonly cost: number };
}

/**
 * The rows of one resample, least confident first, each counted as often as it was drawn. Sums run
 * over groups of equal confidence: index g is the sum before group g, index `groups` the whole.
 * Arrays may be longer than that, and are filled anew for each resample.
 */
export interface MetricCurve {
  readonly groups: number;
  readonly rows: number;
  /** Rows with label 1. */
  readonly right: number;
  readonly weakMean: number;
  readonly strongMean: number;
  /** Rows, summed gain (strong minus weak grade) and rows with label 1 up to each group. */
  readonly count: Int32Array;
  readonly gained: Float64Array;
  readonly rights: Int32Array;
  /** ∫ of the gain over the number of escalated rows, up to each group. */
  readonly area: Float64Array;
  /** Confidence of a group; −Infinity for the group without one. */
  readonly confidenceAt: (group: number) => number;
  /** Probability of each group, where the confidence is a logit. */
  readonly probabilities: () => Float64Array;
  /** The group that holds row k, 0 < k ≤ rows. */
  readonly findGroup: (k: number) => number;
  /** Mean score when the k least confident rows are escalated, k a real number from 0 to rows. */
  readonly scoreAt: (k: number) => number;
  /** Running sums over groups at k rows, a straight line inside a group. */
  readonly between: (sums: Float64Array | Int32Array, k: number) => number;
  /** Running sums of a quantity over the groups. */
  readonly sums: (quantity: RowQuantity) => Float64Array;
  /** Sum of a quantity over the k least confident rows, for those who need no other k. */
  readonly sumTo: (quantity: RowQuantity, k: number) => number;
  /** Sum of a quantity over all rows. */
  readonly total: (quantity: RowQuantity) => number;
  /** Its smallest value in the set: where that is not negative, running sums never fall. */
  readonly least: (quantity: RowQuantity) => number;
  /**
   * Calls `compute` once per resample, however many metrics ask. Define it outside the metric: it
   * is the key. `before` is its result for the last resample, for reuse. It cannot read settings.
   */
  readonly once: <T>(compute: (curve: MetricCurve, before: T | undefined) => T) => T;
}

/**
 * Measures a router on at least one row, with what its definition needs. Pure: the order of rows
 * does not matter, and only the order of confidences does, unless the metric needs probabilities.
 */
export interface Metric {
  readonly measure: (rows: ScoredRows, settings: MetricSettings) => MetricValue;
  /** The same value of a resample, NaN for null. Without it, `measure` is called, more slowly. */
  readonly resample?: (curve: MetricCurve, settings: MetricSettings) => number;
  /** The value of decisions already made: what controls get instead of a point on a curve. */
  readonly decided?: (decisions: Decisions) => MetricValue;
}

import type { RowCosts } from '../metrics/types.js';
import type { ComparedSet, ComparedCell } from '../../storage/results/types.js';

/** The rows of a router on a set, in ascending order of ids. */
export interface ComparedRows {
  /** Null where this run has only ranks: ids and grades are then those of the other run. */
  readonly graded: {
    readonly ids: readonly string[];
    readonly clusters: readonly string[];
    readonly weak: Float64Array;
    readonly strong: Float64Array;
    readonly cost: RowCosts | null;
  } | null;
  /** One list per training seed; NaN = none. */
  readonly confidences: readonly Float64Array[];
}

/** A run, a baseline file or a leaderboard that is compared with another one. */
export interface ComparedRun {
  /** Its name in messages. */
  readonly label: string;
  readonly kind: 'run' | 'baseline' | 'board';
  readonly run: string;
  readonly sets: readonly ComparedSet[];
  readonly cells: readonly ComparedCell[];
  /** Null where this run has no rows of the router on the dataset. */
  readonly rows: (router: string, dataset: string) => Promise<ComparedRows | null>;
}

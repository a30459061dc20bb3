import type { RowCosts } from '../metrics/types.js';
import type { ComparedSet, ComparedCell } from '../../storage/results/types.js';

/** The rows of a router on a set, in ascending order of ids. */
export interface ComparedRows {
  /** Null where the side holds ranks only: then ids and grades are those of the other side. */
  readonly graded: {
    readonly ids: readonly string[];
    readonly clusters: readonly string[];
    readonly weak: Float64Array;
    readonly strong: Float64Array;
    readonly cost: RowCosts | null;
  } | null;
  /** One list a training seed; NaN = none. */
  readonly confidences: readonly Float64Array[];
}

/** One side. */
export interface ComparedRun {
  /** As humans call it. */
  readonly label: string;
  readonly kind: 'run' | 'baseline' | 'board';
  readonly run: string;
  readonly sets: readonly ComparedSet[];
  readonly cells: readonly ComparedCell[];
  /** Null where the side has none. */
  readonly rows: (router: string, dataset: string) => Promise<ComparedRows | null>;
}

/** The rows of one router on one set, with the confidences of the baseline and the candidate. */
import type { RowCosts } from '../metrics/types.js';
import type { ComparedRun } from './compared-run.js';
import type { SharedRows } from '../statistics/shared-rows.js';
import type { ComparedCell, ComparedSet } from '../../storage/results/types.js';

/** Rows of both runs, in ascending order of ids. */
export interface PairedRows {
  readonly ids: readonly string[];
  readonly shared: SharedRows;
  readonly before: readonly Float64Array[];
  readonly after: readonly Float64Array[];
  /** One of the runs has only ranks, so confidences cannot be read as probabilities. */
  readonly ranksOnly: boolean;
  /** Costs of the decisions of both runs; null where those of a run are unknown. */
  readonly costs: { readonly before: RowCosts; readonly after: RowCosts } | null;
}

/** What a run knows of a router on a set. */
export const findCell = (
  run: ComparedRun,
  router: string,
  dataset: string,
): ComparedCell | undefined =>
  run.cells.find((cell) => cell.router === router && cell.dataset === dataset);

/** Tolerance for grades that were rescaled to [0, 1]: rounding must not change their labels. */
const ROUNDING = 1e-9;

/** Labels of grades in [0, 1], by the label rule and the scale in the provenance of the set. */
function computeLabels(
  { provenance }: ComparedSet,
  weak: Float64Array,
  strong: Float64Array,
): Uint8Array {
  const label = provenance['label'] as { readonly kind: string; readonly threshold?: number };
  const [min, max] = provenance['scale'] as readonly [number, number];
  const least = label.kind === 'correct' ? ((label.threshold as number) - min) / (max - min) : null;
  return Uint8Array.from(weak, (grade, i) =>
    grade >= (least ?? (strong[i] as number)) - ROUNDING ? 1 : 0,
  );
}

type Costs = readonly [cell: ComparedCell | undefined, rows: RowCosts | null | undefined];

/**
 * The costs of both runs. A run with only ranks takes the costs of the other run, if their hashes
 * are equal.
 */
function pairCosts([cellBefore, before]: Costs, [cellAfter, after]: Costs): PairedRows['costs'] {
  const same = cellBefore?.costs !== undefined && cellBefore.costs === cellAfter?.costs;
  const [a, b] = [before ?? (same ? after : null), after ?? (same ? before : null)];
  return a && b ? { before: a, after: b } : null;
}

/** Pairs rows by id; null where a run has none, or where the rows are not the same. */
export async function pairedRows(
  before: ComparedRun,
  after: ComparedRun,
  set: ComparedSet,
  router: string,
): Promise<PairedRows | null> {
  const [a, b] = await Promise.all([before.rows(router, set.name), after.rows(router, set.name)]);
  const graded = b?.graded ?? a?.graded ?? null;
  if (a === null || b === null || graded === null) return null;
  const { ids, clusters, weak, strong } = graded;
  if ([...a.confidences, ...b.confidences].some(({ length }) => length !== ids.length)) return null;
  if (a.graded !== null && a.graded.ids.some((id, i) => id !== ids[i])) return null;
  const numbers = new Map([...new Set(clusters)].map((cluster, i) => [cluster, i]));
  return {
    ids,
    shared: {
      n: ids.length,
      weak,
      strong,
      label: computeLabels(set, weak, strong),
      cluster: Uint32Array.from(clusters, (cluster) => numbers.get(cluster) as number),
      clusters: numbers.size,
    },
    before: a.confidences,
    after: b.confidences,
    ranksOnly: a.graded === null || b.graded === null,
    costs: pairCosts(
      [findCell(before, router, set.name), a.graded?.cost],
      [findCell(after, router, set.name), b.graded?.cost],
    ),
  };
}

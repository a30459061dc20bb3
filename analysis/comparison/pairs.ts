/** The rows of one router on one set, as both sides routed them. */
import type { RowCosts } from '../metrics/types.js';
import type { ComparedRun } from './compared-run.js';
import type { SharedRows } from '../statistics/shared-rows.js';
import type { ComparedCell, ComparedSet } from '../../storage/results/types.js';

/** Rows that both sides have, in ascending order of ids. */
export interface PairedRows {
  readonly ids: readonly string[];
  readonly shared: SharedRows;
  readonly before: readonly Float64Array[];
  readonly after: readonly Float64Array[];
  /** One side holds ranks only, so confidences of the two cannot be read as probabilities. */
  readonly ranksOnly: boolean;
  /** What the decisions of both sides cost; null where that of one is not known. */
  readonly costs: { readonly before: RowCosts; readonly after: RowCosts } | null;
}

/** A router on a set, as a side knows it. */
export const findCell = (
  run: ComparedRun,
  router: string,
  dataset: string,
): ComparedCell | undefined =>
  run.cells.find((cell) => cell.router === router && cell.dataset === dataset);

/** Rounding of a grade that was divided to [0, 1] must not turn its label. */
const ROUNDING = 1e-9;

/** Labels of grades in [0, 1], as the provenance of the set says. */
export function computeLabels(
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
 * The costs of both sides: one that holds ranks only has those of the other, if their hashes agree.
 */
function pairCosts([cellBefore, before]: Costs, [cellAfter, after]: Costs): PairedRows['costs'] {
  const same = cellBefore?.costs !== undefined && cellBefore.costs === cellAfter?.costs;
  const [a, b] = [before ?? (same ? after : null), after ?? (same ? before : null)];
  return a && b ? { before: a, after: b } : null;
}

/** Pairs rows by id; null where a side has none, or where the rows are not the same. */
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

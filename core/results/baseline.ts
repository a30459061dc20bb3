/**
 * results/baseline.json: the numbers that a gate holds routers to; beside it baseline.rows.json,
 * the order of queries that makes comparisons paired.
 */
import { jsonHash } from '../util/canonical-json.js';
import type { JsonObject } from '../util/json.js';
import { packRanks } from './ranks.js';
import type { Side, SideCell, SideSet } from './side.js';

/** A baseline. Only `rxb baseline accept` writes it. */
export interface Baseline {
  readonly schema: 1;
  readonly run: string;
  /** Who decided, when, why, and on what. */
  readonly accepted: {
    readonly reason: string;
    readonly at: string;
    readonly git: { readonly commit: string; readonly dirty: boolean } | null;
    readonly routerxbench: string;
  };
  readonly datasets: readonly SideSet[];
  readonly cells: readonly SideCell[];
  /** Hash of the rows that belong to it; null where they were left out. */
  readonly rows: string | null;
}

/**
 * The order in which each router would escalate the queries of each set: packed ranks, one a
 * training seed, in ascending order of ids.
 */
export interface BaselineRows {
  readonly schema: 1;
  readonly of: string;
  readonly ranks: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** Name of the file of rows beside a baseline. */
export const baselineRowsName = (baseline: string): string =>
  baseline.replace(/\.json$/, '.rows.json');

/** A baseline of a run: the metrics that matter to the gate, and the ranks of its rows. */
export async function baselineOf(
  side: Side,
  metrics: readonly string[],
  routers: readonly string[],
  accepted: Baseline['accepted'],
  withRows: boolean,
): Promise<{ readonly baseline: Baseline; readonly rows: BaselineRows | null }> {
  const cells = side.cells.filter(({ router }) => routers.includes(router));
  const ranks: Record<string, Record<string, readonly string[]>> = {};
  if (withRows) {
    for (const { router, dataset } of cells) {
      const rows = await side.rows(router, dataset);
      if (rows !== null) (ranks[router] ??= {})[dataset] = rows.confidences.map(packRanks);
    }
  }
  const of = withRows ? jsonHash(ranks as unknown as JsonObject) : null;
  return {
    baseline: {
      schema: 1,
      run: side.run,
      accepted,
      datasets: side.sets,
      cells: cells.map((cell) => ({
        ...cell,
        metrics: Object.fromEntries(
          Object.entries(cell.metrics).filter(([name]) => metrics.includes(name)),
        ),
      })),
      rows: of,
    },
    rows: of === null ? null : { schema: 1, of, ranks },
  };
}

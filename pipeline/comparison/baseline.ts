import { jsonHash } from '../../core/util/canonical-json.js';
import type { JsonObject } from '../../core/util/json.js';
import type { ComparedRun } from '../../analysis/comparison/compared-run.js';
import type { Baseline, BaselineRows } from '../../storage/results/baseline.js';
import { packRanks } from '../../storage/results/ranks.js';

/** A baseline of a run: the metrics that matter to the gate, and the ranks of its rows. */
export async function buildBaseline(
  acceptedRun: ComparedRun,
  metrics: readonly string[],
  routers: readonly string[],
  accepted: Baseline['accepted'],
  withRows: boolean,
): Promise<{ readonly baseline: Baseline; readonly rows: BaselineRows | null }> {
  const cells = acceptedRun.cells.filter(({ router }) => routers.includes(router));
  const ranks: Record<string, Record<string, readonly string[]>> = {};
  if (withRows) {
    for (const { router, dataset } of cells) {
      const rows = await acceptedRun.rows(router, dataset);
      if (rows !== null) (ranks[router] ??= {})[dataset] = rows.confidences.map(packRanks);
    }
  }
  const ranksHash = withRows ? jsonHash(ranks as unknown as JsonObject) : null;
  return {
    baseline: {
      schema: 1,
      run: acceptedRun.run,
      accepted,
      datasets: acceptedRun.sets,
      cells: cells.map((cell) => ({
        ...cell,
        metrics: Object.fromEntries(
          Object.entries(cell.metrics).filter(([name]) => metrics.includes(name)),
        ),
      })),
      rows: ranksHash,
    },
    rows: ranksHash === null ? null : { schema: 1, of: ranksHash, ranks },
  };
}

import type { DatasetRow } from '../contracts.js';
import type { Task } from '../observer.js';
import type { QuerySet } from '../query-set.js';
import type { RunContext } from '../run-context.js';
import type { Artifact } from '../store/artifact.js';

/**
 * Makes the missing shards of artifacts that stand on one query set; what is there is left alone. `make` writes the
 * shard into every artifact it is told is missing. A stop signal ends the work between shards.
 */
export async function produce(
  context: RunContext,
  label: string,
  set: QuerySet,
  artifacts: readonly Artifact[],
  make: (rows: readonly DatasetRow[], shard: number, missing: readonly Artifact[], task: Task) => Promise<void>,
): Promise<void> {
  const missing = await Promise.all(artifacts.map(async (artifact) => new Set(await artifact.missing())));
  const wanted = new Set(missing.flatMap((shards) => [...shards]));
  if (wanted.size === 0) return;
  for (const artifact of artifacts) await artifact.describe();
  const first = artifacts[0] as Artifact;
  const todo = [...wanted].reduce((sum, shard) => sum + first.rowsIn(shard), 0);
  const task = context.observer.task(label, set.rows, set.rows - todo);
  try {
    for await (const { shard, rows } of set.blocks()) {
      if (!wanted.has(shard)) continue;
      context.signal.throwIfAborted();
      await make(rows, shard, artifacts.filter((_, i) => missing[i]?.has(shard)), task);
    }
  } finally {
    task.end();
  }
}

import type { Artifact } from '../../storage/artifact.js';

/**
 * What is needed of all rows of an artifact, in their order. `known`: rows of the same set that are
 * in memory; where they are in the same order, their ids are used, so that no text is there twice.
 */
export async function readAll<Row extends { readonly id: string }, Kept>(
  artifact: Artifact,
  keep: (row: Row, id: string) => Kept,
  known: readonly { readonly id: string }[] = [],
): Promise<readonly Kept[]> {
  const kept: Kept[] = [];
  for (let shard = 0; shard < artifact.shards; shard++)
    for (const row of await artifact.readRows<Row>(shard)) {
      const id = known[kept.length]?.id;
      kept.push(keep(row, id === row.id ? id : row.id));
    }
  return kept;
}

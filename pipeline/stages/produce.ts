import type { DatasetRow } from '../../core/contracts.js';
import type { Task } from '../../storage/observer.js';
import type { QuerySet } from '../query-set.js';
import type { RunContext } from '../run-context.js';
import type { Artifact } from '../../storage/artifact.js';
import { removeDependents } from '../../storage/dependents.js';

/** How to make shards. */
export interface Production {
  /** Shards made at once; 1 where the work is done in this process. */
  readonly atOnce?: number;
  /** The reply cache does not keep what is paid for: only the artifact does. */
  readonly uncached?: boolean;
  /** Hash of the servers that are asked; rows that failed at others are asked for again. */
  readonly servers?: string | undefined;
  /** Which shards of an artifact hold rows that failed: made again where the call asks for it. */
  readonly failed?: (artifact: Artifact) => Promise<readonly number[]>;
}

/** Whether the rows were asked for at other servers than those of this call. */
async function hasMoved(artifact: Artifact, servers: string | undefined): Promise<boolean> {
  if (servers === undefined) return false;
  const before = await artifact.readServers();
  return before !== null && before !== servers;
}

/**
 * Missing shards, and those with failed rows where they are to be made again; what was made from
 * such an artifact goes.
 */
async function wantedShards(
  context: RunContext,
  artifact: Artifact,
  { failed, servers }: Production,
): Promise<ReadonlySet<number>> {
  const missing = await artifact.missing();
  const { retryErrors, offline } = context.spend;
  if (failed === undefined || !(retryErrors || (!offline && (await hasMoved(artifact, servers)))))
    return new Set(missing);
  if (context.retried.has(artifact.hash)) return new Set(missing); // what was made from it stays
  context.retried.add(artifact.hash);
  const again = await failed(artifact);
  if (again.length === 0 && servers !== undefined) await artifact.writeServers(servers);
  if (again.length > 0) await removeDependents(context.results, artifact);
  return new Set([...missing, ...again]);
}

/**
 * Makes the missing shards of artifacts of one query set; what is there is left alone.
 * `make` writes the
 * shard into every artifact that misses it. A stop signal ends the work between shards.
 */
export async function produce(
  context: RunContext,
  label: string,
  set: QuerySet,
  artifacts: readonly Artifact[],
  make: (
    rows: readonly DatasetRow[],
    shard: number,
    missing: readonly Artifact[],
    task: Task,
  ) => Promise<void>,
  production: Production = {},
): Promise<void> {
  const findWanted = async (): Promise<readonly ReadonlySet<number>[]> =>
    await Promise.all(artifacts.map((artifact) => wantedShards(context, artifact, production)));
  let missing = await findWanted();
  // another process may have made them meanwhile
  if (
    production.uncached === true &&
    missing.some(({ size }) => size > 0) &&
    (await context.spend.claim.take())
  )
    missing = await findWanted();
  const wanted = new Set(missing.flatMap((shards) => [...shards]));
  if (wanted.size === 0) return;
  const { atOnce = 1, servers } = production;
  for (const artifact of artifacts) {
    await artifact.describe();
    if (servers !== undefined && (await artifact.readServers()) === null)
      await artifact.writeServers(servers);
  }
  const first = artifacts[0] as Artifact;
  const todo = [...wanted].reduce((sum, shard) => sum + first.rowsIn(shard), 0);
  const task = context.observer.task(label, set.rows, set.rows - todo);
  const running = new Set<Promise<void>>();
  const broken: unknown[] = [];
  try {
    for await (const { shard, rows } of set.blocks()) {
      if (!wanted.has(shard)) continue;
      context.signal.throwIfAborted();
      const job = make(
        rows,
        shard,
        artifacts.filter((_, i) => missing[i]?.has(shard)),
        task,
      )
        .catch((error: unknown) => void broken.push(error))
        .finally(() => running.delete(job));
      running.add(job);
      while (running.size >= atOnce) await Promise.race(running);
      if (broken.length > 0) break;
    }
  } finally {
    await Promise.all(running); // so that nothing writes after an error was thrown
    task.end();
  }
  if (broken.length > 0) throw broken[0];
  // only now: a production that was interrupted has rows left that failed at the servers before
  if (servers !== undefined) for (const artifact of artifacts) await artifact.writeServers(servers);
}

/** Signals → confidences. The router meets the queries shuffled and without ids. */
import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Confidence, RouterInput } from '../../core/contracts.js';
import { HarnessError, getErrorMessage } from '../../core/errors.js';
import type { PlannedRouter } from '../planning/planned.js';
import type { ConfidenceRow } from '../protocol/join.js';
import { scoringOrder } from '../protocol/order.js';
import type { RouterInstance, TimedConfidences } from '../../core/router-instance.js';
import { scoreTimed } from '../../sandbox/score-timed.js';
import type { RunContext } from '../run-context.js';
import { SignalReader, type StoredSignal } from '../signals/reader.js';
import { RowMemory } from '../signals/row-memory.js';
import { Artifact, SHARD_ROWS } from '../../storage/artifact.js';
import type { QuerySet } from '../query-set.js';
import { madeBy } from './artifacts.js';
import { blockRows, rowNumbers } from './fit-data.js';
import { getSignals, type PreparedQueries } from './prepared.js';
import { readAll } from './read-all.js';
import type { JsonObject } from '../../core/util/json.js';
import { PipelineError } from '../errors.js';
import { closeRouter } from './close-router.js';

/** A router instance that can score: the weights it holds, if any, are part of the key. */
export interface ReadyRouter {
  readonly planned: PlannedRouter;
  readonly seed: number | null;
  readonly weightsHash: string | null;
  /** What was stored with the weights. */
  readonly fit: JsonObject | null;
  /** Made when something is to be scored. */
  readonly instance: () => Promise<RouterInstance>;
}

/** A router as progress labels name it. */
export const describeRouter = ({ planned, seed }: ReadyRouter): string =>
  seed === null ? planned.name : `${planned.name} seed ${seed}`;

/**
 * Makes the missing confidences of a router on test queries and returns all of them. Perturbed
 * queries are queries like others: a router cannot know which they are. `known`: see
 * {@link readAll}.
 */
export async function score(
  context: RunContext,
  ready: ReadyRouter,
  prepared: PreparedQueries,
  known: readonly { readonly id: string }[] = [],
): Promise<readonly ConfidenceRow[]> {
  const { planned } = ready;
  const { queries } = prepared;
  const signals = getSignals(prepared, planned.needs);
  const artifact = new Artifact(
    context.results,
    'confidences',
    {
      ...madeBy(planned),
      weights: ready.weightsHash,
      signals: signals.map((signal) => signal.artifact.hash),
      prompts: queries.promptsHash,
      order: context.plan.project.config.protocol.seed,
    },
    { harness: context.plan.harness },
    queries.rows,
    'jsonl',
  );
  const missing = new Set(await artifact.missing());
  if (missing.size > 0) await scoreShards(context, ready, { artifact, missing, queries, signals });
  return await readAll(
    artifact,
    ({ confidence }: ConfidenceRow, id): ConfidenceRow => ({ id, confidence }),
    known,
  );
}

/** The missing shards of confidences, and what they are made from. */
interface ScoreJob {
  readonly artifact: Artifact;
  readonly missing: ReadonlySet<number>;
  readonly queries: QuerySet;
  readonly signals: readonly StoredSignal[];
}

async function scoreShards(
  context: RunContext,
  ready: ReadyRouter,
  { artifact, missing, queries, signals }: ScoreJob,
): Promise<void> {
  const { planned } = ready;
  await artifact.describe();
  const instance = await ready.instance();
  const { ids, texts } = await readTexts(queries);
  const task = context.observer.task(
    `score ${describeRouter(ready)} on ${queries.dataset}/${queries.split}`,
    queries.rows,
    queries.rows - [...missing].reduce((sum, shard) => sum + artifact.rowsIn(shard), 0),
  );
  const reader = new SignalReader(signals);
  const size = blockRows(signals);
  const memories = Array.from(
    { length: 1 + (instance.blocksAtOnce ?? 1) },
    () => new RowMemory(Math.min(size, queries.rows) * rowNumbers(signals)),
  );
  // a third-party router may know how the order comes from the seed; a pure router gives the same
  // in any order
  const { seed } = context.plan.project.config.protocol;
  const order = planned.isolated ? randomUUID() : `${seed}/score`;
  try {
    for (const window of scoringOrder(queries.rows, SHARD_ROWS, order)) {
      if (!window.shards.some((shard) => missing.has(shard))) continue;
      context.signal.throwIfAborted();
      const confidences = new Map<number, Confidence>();
      await scoreWindow(
        context,
        planned,
        instance,
        queries.dataset,
        window.order,
        size,
        { reader, memories },
        texts,
        confidences,
      );
      for (const shard of window.shards) {
        const rows = Array.from({ length: artifact.rowsIn(shard) }, (_, i): ConfidenceRow => {
          const position = shard * SHARD_ROWS + i;
          return { id: ids[position] as string, confidence: confidences.get(position) ?? null };
        });
        await artifact.writeRows(shard, rows);
        task.advance(rows.length);
      }
    }
  } finally {
    task.end();
    await reader.close();
    await closeRouter(context, planned.name, instance);
  }
}

/** Ids and texts of all queries, in order. */
async function readTexts(
  queries: QuerySet,
): Promise<{ readonly ids: readonly string[]; readonly texts: readonly string[] }> {
  const ids: string[] = [];
  const texts: string[] = [];
  for await (const { rows } of queries.blocks()) {
    for (const row of rows) {
      ids.push(row.id);
      texts.push(row.prompt);
    }
  }
  return { ids, texts };
}

/**
 * Where rows are read from; a block keeps its memory until all blocks in flight are scored.
 */
interface Reading {
  readonly reader: SignalReader;
  readonly memories: readonly RowMemory[];
}

/** Rows of a block that have their signals, and their numbers in the set. */
interface Block {
  readonly inputs: readonly RouterInput<object>[];
  readonly asked: readonly number[];
}

/**
 * Scores the rows of a window block by block; the next block is read while the router works on one.
 * A router in another process has a second block ready, so that it need not wait.
 */
async function scoreWindow(
  context: RunContext,
  planned: PlannedRouter,
  instance: RouterInstance,
  dataset: string,
  order: Int32Array,
  size: number,
  { reader, memories }: Reading,
  texts: readonly string[],
  into: Map<number, Confidence>,
): Promise<void> {
  const read = async (from: number): Promise<Block> => {
    const memory = memories[(from / size) % memories.length] as RowMemory;
    memory.restart();
    const inputs: RouterInput<object>[] = [];
    const asked: number[] = [];
    for (const row of order.subarray(from, from + size)) {
      const signals = await reader.row(row, memory.take);
      if (signals === null) continue; // the row gets null without the router being asked
      inputs.push({ query: { text: texts[row] as string }, signals });
      asked.push(row);
    }
    await setImmediate(); // between blocks, signals such as Ctrl-C are handled
    return { inputs, asked };
  };
  const atOnce = instance.blocksAtOnce ?? 1;
  const inFlight: { readonly asked: readonly number[]; readonly got: Promise<TimedConfidences> }[] =
    [];
  const settle = async (): Promise<void> => {
    const { asked, got } = inFlight[0] as (typeof inFlight)[number];
    const timed = await got;
    inFlight.shift();
    keep(context, planned, dataset, asked, timed, into);
  };
  try {
    for (let from = 0; from < order.length; from += size) {
      const { inputs, asked } = await read(from);
      if (inFlight.length === atOnce) await settle();
      if (inputs.length === 0) continue;
      const got = scoreBlock(context, planned, instance, inputs);
      got.catch(() => undefined); // thrown when it is its turn
      inFlight.push({ asked, got });
    }
    while (inFlight.length > 0) await settle();
  } finally {
    // so that nothing reads memory that is freed
    await Promise.allSettled(inFlight.map(({ got }) => got));
  }
}

/**
 * Asks a router for the confidences of some rows and checks what it returns.
 * @throws PipelineError invalidConfidence, wrongConfidenceCount, routerFailed
 */
export async function scoreInputs(
  context: RunContext,
  planned: PlannedRouter,
  instance: RouterInstance,
  dataset: string,
  inputs: readonly RouterInput<object>[],
): Promise<readonly Confidence[]> {
  const got = new Map<number, Confidence>();
  keep(
    context,
    planned,
    dataset,
    inputs.map((_, i) => i),
    await scoreBlock(context, planned, instance, inputs),
    got,
  );
  return inputs.map((_, i) => got.get(i) ?? null);
}

async function scoreBlock(
  context: RunContext,
  planned: PlannedRouter,
  instance: RouterInstance,
  inputs: readonly RouterInput<object>[],
): Promise<TimedConfidences> {
  try {
    return await scoreTimed(instance, inputs);
  } catch (cause) {
    if (cause instanceof HarnessError || context.signal.aborted) throw cause;
    throw new PipelineError(
      'routerFailed',
      { router: planned.name, problem: getErrorMessage(cause) },
      { cause },
    );
  }
}

/** Checks what a router returned and keeps it. */
function keep(
  context: RunContext,
  planned: PlannedRouter,
  dataset: string,
  asked: readonly number[],
  { confidences, milliseconds }: TimedConfidences,
  into: Map<number, Confidence>,
): void {
  const times = context.latency.get(planned.name) ?? [];
  context.latency.set(planned.name, times);
  for (const time of milliseconds) times.push(time);
  if (!Array.isArray(confidences) || confidences.length !== asked.length) {
    throw new PipelineError('wrongConfidenceCount', {
      router: planned.name,
      got: Array.isArray(confidences) ? confidences.length : `${typeof confidences} instead of`,
      wanted: asked.length,
    });
  }
  confidences.forEach((confidence, i) => {
    if (confidence !== null && (typeof confidence !== 'number' || !Number.isFinite(confidence))) {
      throw new PipelineError('invalidConfidence', {
        router: planned.name,
        value: String(confidence),
        dataset,
      });
    }
    into.set(asked[i] as number, confidence);
  });
}

/** Signals → confidences. The router meets the queries shuffled and without ids. */
import type { Confidence, Router, RouterInput } from '../contracts.js';
import { HarnessError, messageOf } from '../errors.js';
import type { PlannedRouter, PlannedSet } from '../plan.js';
import type { ConfidenceRow } from '../protocol/join.js';
import { scoringOrder } from '../protocol/order.js';
import type { RunContext } from '../run-context.js';
import { SignalReader } from '../signals/reader.js';
import { Artifact, SHARD_ROWS } from '../store/artifact.js';
import { blockRows, storedSignals } from './fit-data.js';
import type { JsonObject } from '../util/json.js';
import { signalOf } from './observe.js';
import { routerKey } from './weights.js';

/** A router instance that can score: the weights it holds, if any, are part of the key. */
export interface ReadyRouter {
  readonly planned: PlannedRouter;
  readonly seed: number | null;
  readonly weightsHash: string | null;
  /** What was stored with the weights. */
  readonly fit: JsonObject | null;
  /** Made when something is to be scored. */
  readonly instance: () => Promise<Router<object>>;
}

/** Makes the missing confidences of a router on a test set and returns all of them. */
export async function score(context: RunContext, ready: ReadyRouter, set: PlannedSet): Promise<readonly ConfidenceRow[]> {
  const { planned } = ready;
  const queries = set.test;
  const { seed } = context.plan.project.config.protocol;
  const signals = storedSignals(context, planned.needs, queries);
  const artifact = new Artifact(
    context.results,
    'confidences',
    {
      ...routerKey(planned),
      weights: ready.weightsHash,
      signals: planned.needs.map((request) => signalOf(context, request, queries).hash),
      prompts: queries.promptsHash,
      order: seed,
    },
    queries.rows,
    'jsonl',
  );
  const missing = new Set(await artifact.missing());
  if (missing.size > 0) {
    await artifact.describe();
    const instance = await ready.instance();
    const ids: string[] = [];
    const texts: string[] = [];
    for await (const { rows } of queries.blocks()) {
      for (const row of rows) {
        ids.push(row.id);
        texts.push(row.prompt);
      }
    }
    const task = context.observer.task(`score ${planned.name}${ready.seed === null ? '' : ` seed ${ready.seed}`} on ${set.name}`, queries.rows, queries.rows - [...missing].reduce((sum, shard) => sum + artifact.rowsIn(shard), 0));
    const reader = new SignalReader(signals);
    try {
      for (const window of scoringOrder(queries.rows, SHARD_ROWS, `${seed}/score`)) {
        if (!window.shards.some((shard) => missing.has(shard))) continue;
        context.signal.throwIfAborted();
        const confidences = new Map<number, Confidence>();
        const size = blockRows(signals);
        for (let from = 0; from < window.order.length; from += size) {
          await scoreBlock(context, ready.planned, instance, set.name, Array.from(window.order.subarray(from, from + size)), reader, texts, confidences);
        }
        for (const shard of window.shards) {
          const rows = Array.from({ length: artifact.rowsIn(shard) }, (_, i): ConfidenceRow => {
            const at = shard * SHARD_ROWS + i;
            return { id: ids[at] as string, confidence: confidences.get(at) ?? null };
          });
          await artifact.writeRows(shard, rows);
          task.advance(rows.length);
        }
      }
    } finally {
      task.end();
      await reader.close();
    }
  }
  const rows: ConfidenceRow[] = [];
  for (let shard = 0; shard < artifact.shards; shard++) rows.push(...(await artifact.readRows<ConfidenceRow>(shard)));
  return rows;
}

/** Scores some rows; a row whose signals could not be had gets null without the router being asked. */
async function scoreBlock(
  context: RunContext,
  planned: PlannedRouter,
  instance: Router<object>,
  dataset: string,
  rows: readonly number[],
  reader: SignalReader,
  texts: readonly string[],
  into: Map<number, Confidence>,
): Promise<void> {
  const inputs: RouterInput<object>[] = [];
  const asked: number[] = [];
  for (const row of rows) {
    const signals = await reader.row(row);
    if (signals === null) continue;
    inputs.push({ query: { text: texts[row] as string }, signals });
    asked.push(row);
  }
  if (inputs.length === 0) return;
  const times = context.latency.get(planned.name) ?? [];
  context.latency.set(planned.name, times);
  let got: readonly Confidence[];
  try {
    if (instance.scoreBatch !== undefined) {
      const started = performance.now();
      got = await instance.scoreBatch(inputs);
      const each = (performance.now() - started) / inputs.length;
      for (let i = 0; i < inputs.length; i++) times.push(each);
    } else {
      const one = instance.score as (input: RouterInput<object>) => Confidence;
      got = inputs.map((input) => {
        const started = performance.now();
        const confidence = one.call(instance, input);
        times.push(performance.now() - started);
        return confidence;
      });
    }
  } catch (cause) {
    if (cause instanceof HarnessError || context.signal.aborted) throw cause;
    throw new HarnessError('RXB6004', { router: planned.name, problem: messageOf(cause) }, { cause });
  }
  if (!Array.isArray(got) || got.length !== inputs.length) {
    throw new HarnessError('RXB6002', { router: planned.name, got: Array.isArray(got) ? got.length : typeof got, wanted: inputs.length });
  }
  got.forEach((confidence, i) => {
    if (confidence !== null && (typeof confidence !== 'number' || !Number.isFinite(confidence))) {
      throw new HarnessError('RXB6001', { router: planned.name, value: String(confidence), dataset });
    }
    into.set(asked[i] as number, confidence);
  });
}

import { setMaxListeners } from 'node:events';
import { type ModelContext, type Outcome } from '../../../core/index.js';
import { planBatches, type BatchLimits } from './batches.js';
import type { WorkerJobs, WorkerResults } from './worker-model.js';
import type { ModelProcess } from './model-process.js';
import type { EncodedPrompt } from './prompt.js';
import { ModelError } from '../_errors.js';

/** A failed prompt as an outcome. */
export function failed(problem: string): Outcome<never> {
  const error = new ModelError('promptFailed', { problem });
  return { ok: false, code: error.code, message: error.problem };
}

/**
 * Distributes prompts to workers in batches and returns one outcome per prompt, in their order.
 * @throws the reason of the context's signal when it is aborted; HarnessError if the model cannot
 * be opened.
 */
export async function runBatches<Kind extends keyof WorkerJobs>(
  model: ModelProcess,
  kind: Kind,
  prompts: readonly EncodedPrompt[],
  limits: BatchLimits,
  buildJob: (prompts: readonly (readonly number[])[]) => WorkerJobs[Kind],
  { signal, advance }: ModelContext,
): Promise<Outcome<WorkerResults[Kind]>[]> {
  signal.throwIfAborted();
  const good = prompts.flatMap((prompt, index) => (prompt.ok ? [{ index, ids: prompt.ids }] : []));
  const outcomes: Outcome<WorkerResults[Kind]>[] = prompts.map((prompt) =>
    failed(prompt.ok ? 'the batch was stopped before this prompt' : prompt.problem),
  );
  if (good.length < prompts.length) advance(prompts.length - good.length);

  const unwanted = new AbortController();
  setMaxListeners(Infinity, unwanted.signal); // one a batch
  const work = planBatches(
    good.map(({ ids }) => ids.length),
    limits,
  ).map(async (batch) => {
    const rows = batch.map((index) => good[index] as (typeof good)[number]);
    const results = await model.run(kind, buildJob(rows.map(({ ids }) => ids)), unwanted.signal);
    results.forEach((result, at) => {
      const { index, ids } = rows[at] as (typeof good)[number];
      outcomes[index] = result.ok
        ? { ...result, promptTokens: ids.length }
        : failed(result.problem);
    });
    if (!signal.aborted) advance(rows.length);
  });

  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop);
  });
  try {
    await Promise.race([Promise.all(work), aborted]);
  } catch (error) {
    unwanted.abort();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return outcomes;
}

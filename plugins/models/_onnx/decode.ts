import type { InferenceSession } from 'onnxruntime-node';
import { seededRandom, type Random } from '../../../core/index.js';
import { cacheRows, nextCache } from './cache.js';
import { promptFeeds, tokenFeeds } from './feeds.js';
import { lastLogits } from './last-logits.js';
import type { DecoderLayout } from './layout.js';
import { pickForced, pickGreedy, pickSampled, type Pick } from './pick-file.js';

/** Several texts for each of some prompts that are computed together. */
export interface DecodeJob {
  readonly prompts: readonly (readonly number[])[];
  /** Texts per prompt; with `forced`, its length. */
  readonly copies: number;
  readonly maxTokens: number;
  /** 0 = greedy. */
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
  readonly stop: readonly string[];
  /** Tokens to score instead of choosing tokens: one list per copy. */
  readonly forced?: readonly (readonly number[])[];
}

/**
 * One text: its tokens without the end token, the log-probability of each token including the end
 * token, how it ended, and its text up to a stop string.
 */
export interface Decoded {
  readonly tokens: readonly number[];
  readonly logprobs: readonly number[];
  readonly finish: 'stop' | 'length';
  /** The text before the stop string, if one ended it. */
  readonly stopped?: string;
}

/** What decoding needs from the model. */
export interface DecodeModel {
  readonly session: InferenceSession;
  readonly layout: DecoderLayout;
  /** Text of token ids; only needed for stop strings. */
  readonly decode: (ids: readonly number[]) => Promise<string>;
}

interface Row {
  readonly prompt: number;
  readonly copy: number;
  readonly promptTokens: number;
  readonly limit: number;
  readonly random: Random | undefined;
  readonly tokens: number[];
  readonly logprobs: number[];
  finish: 'stop' | 'length' | undefined;
  stopped: string | undefined;
}

/**
 * The cache is copied without finished rows when at most this fraction of them is still running.
 */
const COMPACT_AT = 0.75;

/**
 * Decodes a batch: all prompts in one forward pass, then one token per row and pass. Copies share
 * the pass on their prompt. Finished rows leave the batch. `interrupt` is called before each pass
 * and may throw. Returns texts by prompt and copy.
 * @throws RangeError if logits are not finite.
 */
export async function decode(
  model: DecodeModel,
  job: DecodeJob,
  interrupt: () => void,
): Promise<readonly (readonly Decoded[])[]> {
  const { session, layout } = model;
  const fetches = ['logits', ...layout.cache.map(({ present }) => present)];
  const rows = startRows(layout, job);
  const width = Math.max(...job.prompts.map((ids) => ids.length));

  interrupt();
  let fetched = await session.run(promptFeeds(layout, job.prompts), fetches);
  let logits = lastLogits(fetched['logits'] as never);
  for (const row of rows) await advance(model, job, row, logits[row.prompt] as Float32Array);

  // `slots` are the rows of the tensors; finished rows stay in them until there are enough to
  // remove.
  let slots = rows.filter((row) => row.finish === undefined);
  let cache = nextCache(layout, fetched);
  if (slots.length > 0 && !(job.copies === 1 && slots.length === rows.length)) {
    cache = cacheRows(
      cache,
      slots.map((row) => row.prompt),
    );
  }
  for (let step = 1; slots.length > 0; step++) {
    interrupt();
    const total = width + step;
    const mask = new Int32Array(slots.length * total).fill(1);
    slots.forEach((row, index) =>
      mask.fill(0, index * total, index * total + width - row.promptTokens),
    );
    const feeds = tokenFeeds(layout, {
      ids: slots.map((row) => row.tokens.at(-1) ?? layout.padToken),
      mask,
      positions: slots.map((row) => row.promptTokens + step - 1),
      rows: slots.length,
      width: 1,
      total,
      cached: true,
    });
    fetched = await session.run({ ...feeds, ...cache }, fetches);
    logits = lastLogits(fetched['logits'] as never);
    for (const [index, row] of slots.entries()) {
      if (row.finish === undefined) await advance(model, job, row, logits[index] as Float32Array);
    }
    cache = nextCache(layout, fetched);
    const running = slots.flatMap((row, index) => (row.finish === undefined ? [index] : []));
    if (running.length > slots.length * COMPACT_AT) continue;
    if (running.length > 0) cache = cacheRows(cache, running);
    slots = running.map((index) => slots[index] as Row);
  }
  return job.prompts.map((_, prompt) => rows.filter((row) => row.prompt === prompt).map(finished));
}

function startRows(layout: DecoderLayout, job: DecodeJob): readonly Row[] {
  return job.prompts.flatMap((ids, prompt) =>
    Array.from({ length: job.copies }, (_, copy) => ({
      prompt,
      copy,
      promptTokens: ids.length,
      limit:
        job.forced?.[copy]?.length ??
        Math.max(1, Math.min(job.maxTokens, layout.context - ids.length)),
      // Each text has its own random stream: the samples of a prompt do not depend on the rest of
      // the batch.
      random:
        job.temperature > 0 ? seededRandom(`${job.seed}/${copy}/${ids.join(' ')}`) : undefined,
      tokens: [],
      logprobs: [],
      finish: undefined,
      stopped: undefined,
    })),
  );
}

/** Takes the next token of a row from its logits. */
async function advance(
  model: DecodeModel,
  job: DecodeJob,
  row: Row,
  logits: Float32Array,
): Promise<void> {
  const picked = pick(job, row, logits);
  if (!Number.isFinite(picked.logprob))
    throw new RangeError('the model gave logits that are not finite numbers');
  row.logprobs.push(picked.logprob);
  if (job.forced === undefined && model.layout.endTokens.includes(picked.token)) {
    row.finish = 'stop';
    return;
  }
  row.tokens.push(picked.token);
  if (job.stop.length > 0) {
    const text = await model.decode(row.tokens);
    const stopIndex = Math.min(
      ...job.stop.map((stop) => text.indexOf(stop)).filter((index) => index >= 0),
    );
    if (stopIndex < Infinity) {
      row.finish = 'stop';
      row.stopped = text.slice(0, stopIndex);
      return;
    }
  }
  if (row.tokens.length >= row.limit) row.finish = 'length';
}

function pick(job: DecodeJob, row: Row, logits: Float32Array): Pick {
  const forced = job.forced?.[row.copy]?.[row.tokens.length];
  if (forced !== undefined) return pickForced(logits, forced);
  if (row.random === undefined) return pickGreedy(logits);
  return pickSampled(logits, { temperature: job.temperature, topP: job.topP }, row.random);
}

function finished({ tokens, logprobs, finish, stopped }: Row): Decoded {
  return {
    tokens,
    logprobs,
    finish: finish ?? 'length',
    ...(stopped === undefined ? {} : { stopped }),
  };
}

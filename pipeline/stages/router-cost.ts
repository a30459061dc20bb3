/**
 * What a router's signals took on a test set, read from the stored signals: the same numbers
 * whichever call made them.
 */
import type { PlannedRouter } from '../planning/planned.js';
import type { RouterCost, SignalCost } from '../../storage/results/types.js';
import { plannedModel, type RunContext } from '../run-context.js';
import { getSignal } from '../../core/signals/table.js';
import type { StoredSignal } from '../signals/reader.js';
import { getModelMethod, getModelName, isAnswer, readsAnswer } from '../signals/requests.js';
import { computeTokenCost, findPrice } from '../spending/prices.js';
import type { EntailmentRow } from './observe-samples.js';
import { getSignals, type PreparedQueries } from './prepared.js';
import type { TextRow } from './token-counts.js';

type CountedRow = TextRow | EntailmentRow;

/** Signals that are members of one prompt state come from one reading of the prompt. */
const reading = ({ request, artifact }: StoredSignal): string =>
  getModelMethod(request) === 'read' ? `states ${String(request.params['prompt'])}` : artifact.hash;

async function signalCost(
  context: RunContext,
  { request, artifact, shape }: StoredSignal,
): Promise<SignalCost> {
  const entry = { signal: request.kind, model: getModelName(request) };
  if (shape !== null)
    return {
      ...entry,
      requests: artifact.rows,
      failed: null,
      unread: null,
      promptTokens: null,
      completionTokens: null,
      usd: null,
    };
  if ((await artifact.missing()).length > 0)
    return {
      ...entry,
      requests: null,
      failed: null,
      unread: null,
      promptTokens: null,
      completionTokens: null,
      usd: null,
    }; // thrown away since it was scored
  const sum = { requests: 0, failed: 0, unread: 0, promptTokens: 0, completionTokens: 0 };
  for (let shard = 0; shard < artifact.shards; shard++) {
    for (const row of await artifact.readRows<CountedRow>(shard)) {
      if ('error' in row) {
        sum.failed++;
        continue;
      }
      sum.requests += row.requests;
      sum.promptTokens += row.promptTokens;
      sum.completionTokens += row.completionTokens;
      if ('unread' in row) sum.unread += row.unread;
    }
  }
  const { prices } = context.plan.project.config;
  const price = findPrice(prices, plannedModel(context.plan, entry.model).info.name, entry.model);
  const usd =
    price === null
      ? null
      : computeTokenCost(price, { prompt: sum.promptTokens, completion: sum.completionTokens });
  return {
    ...entry,
    ...sum,
    unread: getSignal(request).countsUnread === true ? sum.unread : null,
    usd,
  };
}

/**
 * Sums the signals of a router on a set; the weak model's answer, which is graded anyway, is not
 * among them.
 */
export async function routerCost(
  context: RunContext,
  { needs }: PlannedRouter,
  prepared: PreparedQueries,
): Promise<RouterCost> {
  const asked = getSignals(prepared, needs)
    .flatMap((signal) => [signal.samples ?? signal, signal])
    .filter(({ request }) => !isAnswer(request));
  const byReading = new Map(asked.map((signal) => [reading(signal), signal]));
  const signals: SignalCost[] = [];
  for (const signal of byReading.values()) signals.push(await signalCost(context, signal));
  const total = (pick: (cost: SignalCost) => number | null): number | null =>
    signals.reduce<number | null>((sum, cost) => {
      const value = pick(cost);
      return sum === null || value === null ? null : sum + value;
    }, 0);
  return {
    needsAnswer: needs.some(readsAnswer),
    requests: total(({ requests }) => requests),
    promptTokens: total(({ promptTokens }) => promptTokens),
    completionTokens: total(({ completionTokens }) => completionTokens),
    usd: total(({ usd }) => usd),
    signals,
  };
}

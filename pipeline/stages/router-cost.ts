/**
 * What a router's signals took on a test set, read from the stored signals: the same numbers
 * whichever call made them.
 */
import type { PlannedRouter } from '../planning/planned.js';
import type { RouterCost, SignalCost } from '../../storage/results/types.js';
import { plannedModel, type RunContext } from '../run-context.js';
import { getSignal } from '../../core/signals/table.js';
import type { StoredSignal } from '../signals/reader.js';
import {
  followsAnswer,
  getModelMethod,
  getModelName,
  isAnswer,
  readsAnswer,
} from '../signals/requests.js';
import { computeTokenCost, findPrice } from '../spending/prices.js';
import { getSignals, type PreparedQueries } from './prepared.js';
import { readSignalTokens } from './signal-tokens.js';

/** Signals that are members of one prompt state come from one reading of the prompt. */
const reading = ({ request, artifact }: StoredSignal): string =>
  getModelMethod(request) === 'read' ? `states ${String(request.params['prompt'])}` : artifact.hash;

/**
 * What a router asks models for on a set beside the weak model's answer, each reading of a prompt
 * once: samples, and what is made of them, too.
 */
export const listAsked = (
  prepared: PreparedQueries,
  { needs }: Pick<PlannedRouter, 'needs'>,
): readonly StoredSignal[] => {
  const asked = getSignals(prepared, needs)
    .flatMap((signal) => [signal.samples ?? signal, signal])
    .filter(({ request }) => !isAnswer(request));
  return [...new Map(asked.map((signal) => [reading(signal), signal])).values()];
};

const add = (sum: number | null, value: number | null): number | null =>
  sum === null || value === null ? null : sum + value;

async function signalCost(context: RunContext, signal: StoredSignal): Promise<SignalCost> {
  const { request, artifact } = signal;
  const entry = { signal: request.kind, model: getModelName(request) };
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
  const { info } = plannedModel(context.plan, entry.model);
  const price = findPrice(context.plan.project.config.prices, info.name, entry.model);
  let failed = 0;
  let unread = 0;
  let requests: number | null = 0;
  let promptTokens: number | null = 0;
  let completionTokens: number | null = 0;
  let usd: number | null = price === null ? null : 0;
  for await (const row of readSignalTokens(signal, info)) {
    if (row === 'failed') {
      failed++;
      continue;
    }
    unread += row.unread;
    requests = add(requests, row.requests);
    promptTokens = add(promptTokens, row.usage?.prompt ?? null);
    completionTokens = add(completionTokens, row.usage?.completion ?? null);
    usd = add(
      usd,
      price === null || row.usage === null ? null : computeTokenCost(price, row.usage),
    );
  }
  return {
    ...entry,
    requests,
    failed,
    unread: getSignal(request).countsUnread === true ? unread : null,
    promptTokens,
    completionTokens,
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
  const signals: SignalCost[] = [];
  for (const signal of listAsked(prepared, { needs }))
    signals.push(await signalCost(context, signal));
  const total = (pick: (cost: SignalCost) => number | null): number | null =>
    signals.reduce<number | null>((sum, cost) => {
      const value = pick(cost);
      return sum === null || value === null ? null : sum + value;
    }, 0);
  return {
    needsAnswer: needs.some(readsAnswer),
    decides: needs.some(followsAnswer) ? 'after' : 'before',
    requests: total(({ requests }) => requests),
    promptTokens: total(({ promptTokens }) => promptTokens),
    completionTokens: total(({ completionTokens }) => completionTokens),
    usd: total(({ usd }) => usd),
    signals,
  };
}

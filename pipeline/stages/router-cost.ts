/**
 * What a router's signals took on a test set, read from the stored signals: the same numbers
 * whichever call made them.
 */
import type { PlannedRouter } from '../planning/planned.js';
import type { QuerySet } from '../query-set.js';
import type { RouterCost, SignalCost } from '../../storage/results/types.js';
import type { RunContext } from '../run-context.js';
import {
  getModelName,
  readsAnswer,
  samplesUnder,
  type SignalRequest,
} from '../../core/signals/requests.js';
import type { Artifact } from '../../storage/artifact.js';
import { computeTokenCost, findPrice } from '../spending/prices.js';
import { plannedModel } from './answer.js';
import { isTensor, getSignalArtifact } from './observe.js';
import type { EntailmentRow } from './observe-samples.js';
import type { TextRow } from './token-counts.js';

type CountedRow = TextRow | EntailmentRow;

/** Logits and hidden states of one prompt form come from one reading of the prompt. */
const reading = ({ kind, params }: SignalRequest, artifact: Artifact): string =>
  kind === 'logits' || kind === 'hidden-states'
    ? `states ${String(params['prompt'])}`
    : artifact.hash;

async function signalCost(
  context: RunContext,
  request: SignalRequest,
  artifact: Artifact,
): Promise<SignalCost> {
  const entry = { signal: request.kind, model: getModelName(request) };
  if (isTensor(request))
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
  return { ...entry, ...sum, unread: request.kind === 'entailment' ? sum.unread : null, usd };
}

/**
 * Sums the signals of a router on a set; the weak model's answer, which is graded anyway, is not
 * among them.
 */
export async function routerCost(
  context: RunContext,
  { needs }: PlannedRouter,
  set: QuerySet,
): Promise<RouterCost> {
  const asked = needs
    .flatMap((request) => [samplesUnder(request) ?? request, request])
    .filter(({ kind }) => kind !== 'answer');
  const byReading = new Map(
    asked.map((request) => {
      const artifact = getSignalArtifact(context, request, set);
      return [reading(request, artifact), { request, artifact }] as const;
    }),
  );
  const signals: SignalCost[] = [];
  for (const { request, artifact } of byReading.values())
    signals.push(await signalCost(context, request, artifact));
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

/** What answers cost, and with them what a router's decisions cost. */
import type { ResolvedConfig } from '../../core/config-schema.js';
import type { ModelInfo } from '../../core/contracts.js';
import type { SignalRequest } from '../../core/signals/requests.js';
import type { PlannedRouter } from '../planning/planned.js';
import type { JoinedRow } from '../protocol/join.js';
import { plannedModel, type RunContext } from '../run-context.js';
import { getModelMethod, getModelName, isAnswer, readsAnswer } from '../signals/requests.js';
import { isPaid } from '../spending/paid.js';
import { computeTokenCost, findPrice } from '../spending/prices.js';
import type { AnswerRow } from './answer.js';
import type { PreparedSet, Side } from './prepared.js';
import { readAll } from './read-all.js';

/** US dollars of each model's answer, by id; ids without a known cost are not in it. */
export interface AnswerCosts {
  readonly weak: ReadonlyMap<string, number>;
  readonly strong: ReadonlyMap<string, number>;
}

/** What a stored answer cost; undefined where its tokens or their price are not known. */
function computeRowCost(
  row: Exclude<AnswerRow, { error: unknown }>,
  prices: ResolvedConfig['prices'],
  info: ModelInfo,
  model: string,
): number | undefined {
  if (info.recorded !== undefined) return row.cost;
  const price = findPrice(prices, row.servedModel ?? null, info.name, model);
  const usage =
    info.remote === undefined
      ? { prompt: row.promptTokens, completion: row.completionTokens }
      : row.usage;
  return price === null || usage === undefined || usage === null
    ? undefined
    : computeTokenCost(price, usage);
}

async function readModelCosts(
  context: RunContext,
  side: Side,
  { test }: PreparedSet,
  known: readonly { readonly id: string }[],
): Promise<ReadonlyMap<string, number>> {
  const costs = new Map<string, number>();
  const { info } = plannedModel(context.plan, side);
  const { prices } = context.plan.project.config;
  if (info.recorded === undefined && prices === undefined) return costs;
  const answers = test.answers[side];
  const keep = (row: AnswerRow, id: string): void => {
    const cost = 'error' in row ? undefined : computeRowCost(row, prices, info, side);
    if (cost !== undefined) costs.set(id, cost);
  };
  await readAll(answers, keep, known);
  return costs;
}

/** Reads the costs of both models' answers to a test set. `known`: see {@link readAll}. */
export const readCosts = async (
  context: RunContext,
  set: PreparedSet,
  known: readonly { readonly id: string }[],
): Promise<AnswerCosts> => ({
  weak: await readModelCosts(context, 'weak', set, known),
  strong: await readModelCosts(context, 'strong', set, known),
});

/**
 * Whether a signal is billed; what it costs beside the weak answer was then not recorded.
 */
function billed(context: RunContext, request: SignalRequest): boolean {
  if (isAnswer(request)) return false;
  const { name, info } = plannedModel(context.plan, getModelName(request));
  return (
    isPaid(info, getModelMethod(request)) ||
    findPrice(context.plan.project.config.prices, info.name, name) !== null
  );
}

/**
 * Rows with what each decision costs. A router that reads the weak model's answer first pays for it
 * on queries that it sends on, too;
 * one whose signals are billed otherwise has no known cost.
 */
export function priced(
  context: RunContext,
  rows: readonly JoinedRow[],
  costs: AnswerCosts,
  router: PlannedRouter | null,
): readonly JoinedRow[] {
  if (costs.weak.size === 0 && costs.strong.size === 0) return rows;
  const needs = router?.needs ?? [];
  const unknown = needs.some((request) => billed(context, request));
  const answersFirst = needs.some(readsAnswer);
  return rows.map(({ id, weak, strong, confidence }) => {
    const weakCost = unknown ? null : (costs.weak.get(id) ?? null);
    const ownCost = unknown ? null : (costs.strong.get(id) ?? null);
    if (!answersFirst) return { id, weak, strong, confidence, weakCost, strongCost: ownCost };
    const strongCost = ownCost === null || weakCost === null ? null : ownCost + weakCost;
    return { id, weak, strong, confidence, weakCost, strongCost };
  });
}

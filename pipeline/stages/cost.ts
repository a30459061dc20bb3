/** What answers cost, and with them what a router's decisions cost. */
import type { PlannedRouter, PlannedSet } from '../planning/planned.js';
import type { JoinedRow } from '../protocol/join.js';
import type { RunContext } from '../run-context.js';
import { isPaid } from '../spending/paid.js';
import { costOfTokens, priceOf } from '../spending/prices.js';
import { methodOf, modelOf, readsAnswer, type SignalRequest } from '../../core/signals/requests.js';
import { answersOf, plannedModel, type AnswerRow } from './answer.js';

/** US dollars of each model's answer, by id; ids without a known cost are not in it. */
export interface AnswerCosts {
  readonly weak: ReadonlyMap<string, number>;
  readonly strong: ReadonlyMap<string, number>;
}

async function costsOf(
  context: RunContext,
  model: string,
  set: PlannedSet,
): Promise<ReadonlyMap<string, number>> {
  const costs = new Map<string, number>();
  const { card } = plannedModel(context.plan, model);
  const { prices } = context.plan.project.config;
  if (card.recorded === undefined && prices === undefined) return costs;
  const costOf = (row: Exclude<AnswerRow, { error: unknown }>): number | undefined => {
    if (card.recorded !== undefined) return row.cost;
    const price = priceOf(prices, row.servedModel ?? null, card.name, model);
    const usage =
      card.remote === undefined
        ? { prompt: row.promptTokens, completion: row.completionTokens }
        : row.usage;
    return price === null || usage === undefined || usage === null
      ? undefined
      : costOfTokens(price, usage);
  };
  const answers = answersOf(context, model, set.test);
  for (let shard = 0; shard < answers.shards; shard++) {
    for (const row of await answers.readRows<AnswerRow>(shard)) {
      const cost = 'error' in row ? undefined : costOf(row);
      if (cost !== undefined) costs.set(row.id, cost);
    }
  }
  return costs;
}

/** Reads the costs of both models' answers to a test set. */
export const readCosts = async (context: RunContext, set: PlannedSet): Promise<AnswerCosts> => ({
  weak: await costsOf(context, 'weak', set),
  strong: await costsOf(context, 'strong', set),
});

/**
 * Whether somebody bills the signal; what it costs beside the weak answer was then not recorded.
 */
function billed(context: RunContext, request: SignalRequest): boolean {
  if (request.kind === 'answer') return false;
  const { name, card } = plannedModel(context.plan, modelOf(request));
  return (
    isPaid(card, methodOf(request)) ||
    priceOf(context.plan.project.config.prices, card.name, name) !== null
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
  return rows.map((row) => {
    const weakCost = unknown ? null : (costs.weak.get(row.id) ?? null);
    const strong = unknown ? null : (costs.strong.get(row.id) ?? null);
    const strongCost = !answersFirst
      ? strong
      : strong === null || weakCost === null
        ? null
        : strong + weakCost;
    return { ...row, weakCost, strongCost };
  });
}

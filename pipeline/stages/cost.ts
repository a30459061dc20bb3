/** What answers cost, and with them what a router's decisions cost. */
import type { ResolvedConfig } from '../../core/config-schema.js';
import type { ModelInfo } from '../../core/contracts.js';
import type { PlannedRouter } from '../planning/planned.js';
import type { JoinedRow } from '../protocol/join.js';
import { plannedModel, type RunContext } from '../run-context.js';
import type { StoredSignal } from '../signals/reader.js';
import { getModelMethod, getModelName, readsAnswer } from '../signals/requests.js';
import { isPaid } from '../spending/paid.js';
import { computeTokenCost, findPrice } from '../spending/prices.js';
import type { AnswerRow } from './answer.js';
import type { PreparedQueries, PreparedSet, Side } from './prepared.js';
import { readAll } from './read-all.js';
import { listAsked } from './router-cost.js';
import { readSignalTokens } from './signal-tokens.js';

/** US dollars of each model's answer, by id; ids without a known cost are not in it. */
export interface AnswerCosts {
  readonly weak: ReadonlyMap<string, number>;
  readonly strong: ReadonlyMap<string, number>;
}

/** Whether the cost of any answer is known. */
export const hasCosts = ({ weak, strong }: AnswerCosts): boolean =>
  weak.size > 0 || strong.size > 0;

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

/** Whether a signal costs money: a server bills it, or the config has a price of its model. */
const isBilled = (context: RunContext, { request }: StoredSignal): boolean => {
  const { name, info } = plannedModel(context.plan, getModelName(request));
  return (
    isPaid(info, getModelMethod(request)) ||
    findPrice(context.plan.project.config.prices, info.name, name) !== null
  );
};

/**
 * US dollars of a router's signals beside the weak model's answer, for each row of a set in its
 * order: NaN where that is not known. Null where none of them costs money.
 */
export async function readSignalCosts(
  context: RunContext,
  router: PlannedRouter,
  prepared: PreparedQueries,
): Promise<Float64Array | null> {
  const billed = listAsked(prepared, router).filter((signal) => isBilled(context, signal));
  if (billed.length === 0) return null;
  const costs = new Float64Array(prepared.queries.rows);
  for (const signal of billed) {
    const { name, info } = plannedModel(context.plan, getModelName(signal.request));
    const price = findPrice(context.plan.project.config.prices, info.name, name);
    if (price === null) return costs.fill(NaN);
    let at = 0;
    for await (const row of readSignalTokens(signal, info)) {
      const usage = row === 'failed' ? null : row.usage;
      costs[at] = (costs[at] as number) + (usage === null ? NaN : computeTokenCost(price, usage));
      at++;
    }
  }
  return costs;
}

const orNull = (cost: number): number | null => (Number.isNaN(cost) ? null : cost);

/**
 * Rows, in the order of the set, with what each decision costs: the router's signals whichever way
 * it goes, and the weak model's answer also on queries that are sent on, if the router reads it.
 */
export function priced(
  rows: readonly JoinedRow[],
  costs: AnswerCosts,
  router: Pick<PlannedRouter, 'needs'> | null,
  signals: Float64Array | null,
): readonly JoinedRow[] {
  if (!hasCosts(costs)) return rows;
  const answersFirst = router?.needs.some(readsAnswer) === true;
  return rows.map(({ id, weak, strong, confidence }, i) => {
    const deciding = signals?.[i] ?? 0;
    const weakCost = (costs.weak.get(id) ?? NaN) + deciding;
    const alone = costs.strong.get(id) ?? NaN;
    const strongCost = alone + (answersFirst ? weakCost : deciding);
    return {
      id,
      weak,
      strong,
      confidence,
      weakCost: orNull(weakCost),
      strongCost: orNull(strongCost),
      ...(answersFirst || signals !== null ? { strongAloneCost: orNull(alone) } : {}),
    };
  });
}

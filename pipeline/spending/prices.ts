import type { CallRecord, TokenUsage } from '../../core/contracts.js';
import { jsonHash } from '../../core/util/canonical-json.js';
import type { JsonObject } from '../../core/util/json.js';

/**
 * US dollars per million tokens. `cachedInput` left out = as `input`; reasoning is billed as
 * output.
 */
export interface Price {
  readonly input: number;
  readonly cachedInput?: number | undefined;
  readonly output: number;
}

/** A price table as it was on one day. */
export interface PriceTable {
  readonly date: string;
  readonly source?: string | undefined;
  /** By the model's name at its server, or by its name in the config. */
  readonly models: Readonly<Record<string, Price>>;
}

/**
 * The table as the provenance of a number names it: the day, and a hash of the prices themselves;
 * null without a table.
 */
export const pricesFacts = (table: PriceTable | undefined): JsonObject | null =>
  table === undefined
    ? null
    : { date: table.date, hash: jsonHash(table.models as unknown as JsonObject) };

/**
 * The price of a model, by the name that answered, that was asked for, or that the config gives it;
 * null where the table has none.
 */
export function findPrice(
  table: PriceTable | undefined,
  ...names: readonly (string | null)[]
): Price | null {
  for (const name of names) {
    const found = name === null ? undefined : table?.models[name];
    if (found !== undefined) return found;
  }
  return null;
}

/** Dollars that some tokens cost. */
export function computeTokenCost(
  price: Price,
  usage: Pick<TokenUsage, 'prompt' | 'cachedPrompt' | 'completion'>,
): number {
  const cached = Math.min(usage.prompt, usage.cachedPrompt ?? 0);
  return (
    ((usage.prompt - cached) * price.input +
      cached * (price.cachedInput ?? price.input) +
      usage.completion * price.output) /
    1e6
  );
}

/** Dollars that a call cost; null where its tokens or their price are not known. */
export function computeCallCost(
  table: PriceTable | undefined,
  call: CallRecord,
  configName: string,
): number | null {
  const price = findPrice(table, call.servedModel, call.requestedModel, configName);
  return price === null || call.usage === null ? null : computeTokenCost(price, call.usage);
}

/** What the decisions of a router take, over all of its test sets. */
import type {
  RouterCost,
  RouterResult,
  Routing,
  RoutingCalls,
} from '../../storage/results/types.js';

const add = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : a + b;

const COUNTS = ['requests', 'promptTokens', 'completionTokens'] as const;

/** What one model was asked over all sets, per query. */
function countCalls(costs: readonly RouterCost[], model: string, queries: number): RoutingCalls {
  const parts = costs.flatMap(({ signals }) => signals.filter((signal) => signal.model === model));
  const [requests, promptTokens, completionTokens] = COUNTS.map((name) => {
    const total = parts.reduce<number | null>((sum, part) => add(sum, part[name]), 0);
    return total === null ? null : total / queries;
  }) as [number | null, number | null, number | null];
  return { model, requests, promptTokens, completionTokens };
}

/** Undefined for a control, and for results of older versions. Its ranks are not known yet. */
export function summarizeRouting(results: readonly RouterResult[]): Routing | undefined {
  const costs = results.flatMap(({ cost }) => (cost === null ? [] : [cost]));
  const [first] = costs;
  if (first?.decides === undefined || costs.length < results.length) return undefined;
  const queries = results.reduce((sum, { rows }) => sum + rows.total, 0);
  const usd = costs.reduce<number | null>((sum, cost) => add(sum, cost.usd), 0);
  const models = [...new Set(costs.flatMap(({ signals }) => signals.map(({ model }) => model)))];
  return {
    decides: first.decides,
    needsAnswer: first.needsAnswer,
    rank: null,
    calls: models.map((model) => countCalls(costs, model, queries)),
    usd: usd === null ? null : (1000 * usd) / queries,
  };
}

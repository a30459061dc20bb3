/** The calls that a run would make, as a table. */
import Table from 'cli-table3';
import type { DryRunLine } from '../pipeline/stages/dry-run.js';
import { NONE, plus, type Estimate } from '../pipeline/spending/tokens.js';
import { countText } from '../analysis/util/count-text.js';

function formatTokens(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)} M`;
  return value >= 1e4 ? `${(value / 1e3).toFixed(0)} k` : String(Math.round(value));
}

function formatDollars(usd: Estimate | null): string {
  if (usd === null) return 'unknown';
  if (usd.high === 0) return '0';
  return [usd.low, usd.expected, usd.high].map((value) => value.toFixed(2)).join(' / ');
}

/** Sums over all lines; the cost is null where one of them is unknown. */
export const computeTotal = (
  lines: readonly DryRunLine[],
): { readonly calls: number; readonly cached: number; readonly usd: Estimate | null } => ({
  calls: lines.reduce((sum, { calls }) => sum + calls, 0),
  cached: lines.reduce((sum, { cached }) => sum + cached, 0),
  usd: lines.some(({ usd }) => usd === null)
    ? null
    : lines.reduce((sum, { usd }) => plus(sum, usd ?? NONE), NONE),
});

/** Lines with calls to make or replies in the cache, and their sum. */
export function dryRunTable(lines: readonly DryRunLine[]): string {
  const shown = lines.filter(({ calls, cached }) => calls + cached > 0);
  const total = computeTotal(lines);
  if (shown.length === 0) return 'No calls are needed: all work was finished before.\n';
  const table = new Table({
    head: [
      'model',
      'what',
      'calls',
      'in the cache',
      'prompt tokens',
      'completion tokens',
      'US$ low / expected / high',
    ],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right'],
  });
  for (const { model, what, calls, cached, promptTokens, completionTokens, usd } of shown)
    table.push([
      model,
      what,
      calls,
      cached,
      formatTokens(promptTokens.expected),
      formatTokens(completionTokens.expected),
      formatDollars(usd),
    ]);
  return `${table.toString()}\n${countText(total.calls, 'call')}, ${countText(total.cached, 'reply', 'replies')} from the cache, US$ ${formatDollars(total.usd)} (low / expected / high). Tokens are estimated from the length of the texts; no model was called.\n`;
}

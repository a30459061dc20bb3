/** What deciding takes: when a router decides, and what it asks models for. */
import type { Leaderboard, LeaderboardRow, Routing, RunReport } from '../../../analysis/index.js';
import { drawColumns } from '../_text/columns.js';
import { csvLine } from '../_text/csv.js';
import { markdownTable } from '../_text/markdown-table.js';

type RoutingRow = LeaderboardRow & { readonly routing: Routing };

const known = ({ rows }: Leaderboard): readonly RoutingRow[] =>
  rows.flatMap((row) => (row.routing === undefined ? [] : [{ ...row, routing: row.routing }]));

/** Whether the leaderboard says what deciding takes. */
export const hasRouting = (leaderboard: Leaderboard): boolean => known(leaderboard).length > 0;

const formatCount = (value: number | null): string => {
  if (value === null) return '?';
  return value >= 10 ? value.toFixed(0) : String(Number(value.toFixed(1)));
};

/** The rank, or the ranks that the pairwise tests leave open. */
const formatRank = ({ rank, rankRange }: Routing): string => {
  if (rank === null) return '–';
  return rankRange === undefined || rankRange[0] === rankRange[1]
    ? String(rank)
    : rankRange.join('–');
};

/** Calls of a model per query, and the tokens that it reads and writes in them. */
function formatCalls(routing: Routing, model: string): string {
  const calls = routing.calls.find((entry) => entry.model === model);
  const answers = model === 'weak' && routing.needsAnswer ? 'answer' : '';
  if (calls === undefined) return answers;
  const tokens = `${formatCount(calls.promptTokens)} + ${formatCount(calls.completionTokens)}`;
  return [answers, `${formatCount(calls.requests)} × (${tokens})`]
    .filter((part) => part !== '')
    .join(', ');
}

type Latency = RunReport['latency'];

const formatTime = (times: Latency[string] | undefined): string =>
  times === undefined ? '?' : `${times.p50.toPrecision(2)} / ${times.p95.toPrecision(2)}`;

/** The cells, by columns. Times differ between calls: a page that is kept leaves them out. */
function columns(leaderboard: Leaderboard, latency: Latency = {}): readonly (readonly string[])[] {
  const rows = known(leaderboard);
  const models = [
    ...new Set(rows.flatMap(({ routing }) => routing.calls.map(({ model }) => model))),
  ];
  if (!models.includes('weak') && rows.some(({ routing }) => routing.needsAnswer))
    models.unshift('weak');
  const priced = rows.some(({ routing }) => routing.usd !== null && routing.usd > 0);
  return [
    ['router', ...rows.map(({ router }) => router)],
    ['decides', ...rows.map(({ routing }) => routing.decides)],
    ['rank among these', ...rows.map(({ routing }) => formatRank(routing))],
    ...models.map((model) => [model, ...rows.map(({ routing }) => formatCalls(routing, model))]),
    ...(priced
      ? [
          [
            '$ per 1,000',
            ...rows.map(({ routing }) => (routing.usd === null ? '?' : routing.usd.toFixed(4))),
          ],
        ]
      : []),
    ...(rows.some(({ router }) => latency[router] !== undefined)
      ? [['own ms', ...rows.map(({ router }) => formatTime(latency[router]))]]
      : []),
  ];
}

/** One line a router. */
export const routingTable = ({ leaderboard, latency }: RunReport): string =>
  drawColumns(columns(leaderboard, latency), 0);

/** What the columns of the table mean. */
export const ROUTING_TEXT =
  'Before or after: whether a router decides before the weak model has answered, or after, from ' +
  'its answer (`answer`) or from samples; then an escalated query pays for both models. ' +
  'Under each model, per query: calls × (tokens read + tokens written), over all test sets, ' +
  'beside the answers of the two models; `?` is not known.';

/** What the column of times means. */
export const TIMES_TEXT =
  "Own ms: milliseconds per query of the router's own code, p50 / p95, without its models.";

/** The section of leaderboard.md; nothing where no router has the numbers. */
export function routingMarkdown(leaderboard: Leaderboard): readonly string[] {
  if (!hasRouting(leaderboard)) return [];
  const [[...head], ...lines] = transpose(columns(leaderboard)) as [
    readonly string[],
    ...(readonly string[])[],
  ];
  return ['## routing', '', ROUTING_TEXT, '', ...markdownTable(head, lines), ''];
}

const transpose = (table: readonly (readonly string[])[]): readonly (readonly string[])[] =>
  (table[0] ?? []).map((_, row) => table.map((column) => column[row] ?? ''));

/** One line a router and model; a router that asks none has one line. */
export function routingCsv(leaderboard: Leaderboard): string {
  const lines = known(leaderboard).flatMap(({ router, routing }) => {
    const { decides, needsAnswer, rank, calls, usd } = routing;
    const none = { model: '', requests: 0, promptTokens: 0, completionTokens: 0 };
    return (calls.length === 0 ? [none] : calls).map((entry) =>
      csvLine([
        router,
        decides,
        String(needsAnswer),
        rank ?? '',
        entry.model,
        entry.requests ?? '',
        entry.promptTokens ?? '',
        entry.completionTokens ?? '',
        usd ?? '',
      ]),
    );
  });
  return `${['router,decides,needs_answer,rank,model,requests,prompt_tokens,completion_tokens,usd_per_1000', ...lines].join('\n')}\n`;
}

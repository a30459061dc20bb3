/** What a run would ask of its models, counted without asking. */
import { callParts } from '../cache/call-key.js';
import type { ModelMethod, ModelPrompt } from '../contracts.js';
import type { PlannedModel, PlannedSet } from '../plan.js';
import type { QuerySet } from '../query-set.js';
import type { RunContext } from '../run-context.js';
import { methodOf, modelOf, readsAnswer, type SignalRequest } from '../signals/requests.js';
import { isPaid } from '../spend/paid.js';
import { costOfTokens, priceOf } from '../spend/prices.js';
import { NONE, plus, times, tokensOf, type Estimate } from '../spend/tokens.js';
import type { Artifact } from '../store/artifact.js';
import type { JsonObject } from '../util/json.js';
import { answersOf, chatPrompt, plannedModel } from './answer.js';
import { gradesOf, judgesOf } from './grade.js';
import { signalOf } from './observe.js';
import { jobsOf } from './prepare.js';

/** Work that is still to be done by one model. */
export interface DryRunLine {
  readonly model: string;
  readonly what: string;
  /** Prompts to ask. */
  readonly calls: number;
  /** Prompts that the answer cache knows already. */
  readonly cached: number;
  readonly promptTokens: Estimate;
  readonly completionTokens: Estimate;
  /** Dollars; null where the price is unknown; 0 for models in this process. */
  readonly usd: Estimate | null;
}

/** Share of the allowed tokens that replies are expected to take where nothing is known of them. */
const SHARE = { low: 0.02, expected: 0.3, high: 1 };

interface Asking {
  readonly planned: PlannedModel;
  readonly what: string;
  readonly queries: QuerySet;
  readonly artifact: Artifact;
  /** The prompt of a row, or null where it is not known before other work is done. */
  readonly prompt: (text: string) => ModelPrompt | string | null;
  readonly method: ModelMethod;
  readonly settings: JsonObject;
  readonly maxTokens: number;
  /** Prompts a row. */
  readonly perRow?: number;
}

async function lineOf(context: RunContext, { planned, what, queries, artifact, prompt, method, settings, maxTokens, perRow = 1 }: Asking): Promise<DryRunLine> {
  const { name, card } = planned;
  const missing = new Set(await artifact.missing());
  const paid = isPaid(card, method);
  let [calls, cached, promptTokens] = [0, 0, NONE];
  for await (const { shard, rows } of queries.blocks()) {
    if (!missing.has(shard)) continue;
    for (const row of rows) {
      const own = prompt(row.prompt);
      const known = own !== null && paid && (await context.spend.cache.find(callParts(card.fingerprint, method, own, settings))) !== undefined;
      if (known) cached++;
      else {
        calls += perRow;
        promptTokens = plus(promptTokens, times(tokensOf(own ?? row.prompt), perRow));
      }
    }
  }
  const reply = maxTokens === 1 ? { low: 1, expected: 1, high: 1 } : { low: Math.ceil(SHARE.low * maxTokens), expected: Math.ceil(SHARE.expected * maxTokens), high: maxTokens };
  const completionTokens = times(reply, calls);
  const price = paid ? priceOf(context.plan.project.config.prices, card.name, name) : { input: 0, output: 0 };
  const dollars = (of: keyof Estimate): number => (price === null ? 0 : costOfTokens(price, { prompt: promptTokens[of], completion: completionTokens[of] }));
  return { model: name, what, calls, cached, promptTokens, completionTokens, usd: price === null && calls > 0 ? null : { low: dollars('low'), expected: dollars('expected'), high: dollars('high') } };
}

const answering = (context: RunContext, name: string, queries: QuerySet): Asking => {
  const planned = plannedModel(context.plan, name);
  return { planned, what: `answers ${queries.dataset}/${queries.split}`, queries, artifact: answersOf(context, name, queries), prompt: (text) => chatPrompt(context.plan, text), method: 'generate', settings: { ...planned.generation, n: 1 }, maxTokens: planned.generation.maxTokens };
};

/** Judges are taken to be asked once a row, with the question and the answer; what a scorer really asks is its own affair. */
const grading = (context: RunContext, model: string, set: PlannedSet, queries: QuerySet): readonly Asking[] =>
  judgesOf(set).map((judge) => {
    const planned = plannedModel(context.plan, judge);
    const artifact = gradesOf(context, model, set, queries);
    return { planned, what: `grades ${model} on ${queries.dataset}/${queries.split}`, queries, artifact, prompt: () => null, method: 'generate', settings: {}, maxTokens: planned.generation.maxTokens };
  });

function observing(context: RunContext, request: SignalRequest, queries: QuerySet): Asking {
  const planned = plannedModel(context.plan, modelOf(request));
  const { params, kind } = request;
  const template = params['template'] === undefined ? undefined : String(params['template']);
  const filled = (text: string): string => template?.replaceAll('{query}', text) ?? text;
  const unknown = template?.includes('{answer}') === true || kind === 'entailment';
  const count = Number(params['n'] ?? 1);
  const method = methodOf(request);
  const settings: Readonly<Record<string, JsonObject>> = {
    samples: params,
    reply: { maxTokens: Number(params['maxTokens']), temperature: Number(params['temperature']), n: 1, seed: 0 },
    'choice-logprobs': { choices: params['choices'] as readonly string[] },
    logits: { logits: true, hiddenStates: false },
  };
  return {
    planned,
    what: `${kind} ${queries.dataset}/${queries.split}`,
    queries,
    artifact: signalOf(context, request, queries),
    prompt: (text) => (unknown ? null : kind === 'embedding' || kind === 'class-logits' ? text : params['prompt'] === 'raw' ? { form: 'raw', text } : chatPrompt(context.plan, filled(text))),
    method,
    settings: settings[kind] ?? {},
    maxTokens: method === 'generate' ? Number(params['maxTokens'] ?? planned.generation.maxTokens) * count : method === 'embed' || method === 'classify' ? 0 : 1,
  };
}

/** One line a model and kind of work, those with nothing left to do included. Rows of one artifact are counted once. */
export async function dryRun(context: RunContext): Promise<readonly DryRunLine[]> {
  const asked = new Map<string, Asking>();
  for (const { set, queries, graded, requests } of jobsOf(context)) {
    const all = [
      ...graded.flatMap((name) => [answering(context, name, queries), ...grading(context, name, set, queries)]),
      ...(requests.some(readsAnswer) ? [answering(context, 'weak', queries)] : []),
      ...requests.filter(({ kind }) => kind !== 'answer').map((request) => observing(context, request, queries)),
    ];
    for (const own of all) if (own.planned.card.recorded === undefined) asked.set(`${own.planned.name}/${own.artifact.kind}/${own.artifact.hash}`, own);
  }
  const lines: DryRunLine[] = [];
  for (const own of asked.values()) lines.push(await lineOf(context, own));
  return lines;
}


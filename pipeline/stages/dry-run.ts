/** What a run would ask of its models, counted without asking. */
import { callParts } from '../../storage/cache/call-key.js';
import type { ModelMethod, ModelPrompt } from '../../core/contracts.js';
import type { PlannedModel, PlannedSet } from '../planning/planned.js';
import type { QuerySet } from '../query-set.js';
import type { RunContext } from '../run-context.js';
import {
  askedTogether,
  fillsAnswer,
  getModelMethod,
  getModelName,
  readsAnswer,
  samplesUnder,
  type SignalRequest,
} from '../../core/signals/requests.js';
import { isPaid } from '../spending/paid.js';
import { computeTokenCost, findPrice } from '../spending/prices.js';
import { NONE, plus, product, times, estimateTokens, type Estimate } from '../spending/tokens.js';
import type { Artifact } from '../../storage/artifact.js';
import type { JsonObject } from '../../core/util/json.js';
import { getAnswersArtifact, chatPrompt, plannedModel } from './answer.js';
import { getGradesArtifact, getJudges } from './grade.js';
import { distinct, getSignalArtifact } from './observe.js';
import { buildJobs } from './prepare.js';

/** Work that is still to be done by one model. */
export interface DryRunLine {
  readonly model: string;
  readonly what: string;
  /** Prompts to ask; at the most, where that depends on what other models say. */
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
  /** What is made of the replies, all of it from one prompt a row. */
  readonly artifacts: readonly Artifact[];
  readonly prompt: (text: string) => ModelPrompt | string;
  /** Whether the prompt lacks what is not known before other work is done, such as an answer. */
  readonly open?: boolean;
  readonly method: ModelMethod;
  readonly settings: JsonObject;
  readonly maxTokens: number;
  /** Prompts a row, where it is not one. */
  readonly perRow?: Estimate;
}

const ONE: Estimate = { low: 1, expected: 1, high: 1 };

async function buildDryRunLine(
  context: RunContext,
  {
    planned,
    what,
    queries,
    artifacts,
    prompt,
    open,
    method,
    settings,
    maxTokens,
    perRow = ONE,
  }: Asking,
): Promise<DryRunLine> {
  const { name, info } = planned;
  const missing = new Set(
    (await Promise.all(artifacts.map((artifact) => artifact.missing()))).flat(),
  );
  const paid = isPaid(info, method);
  let [rowsLeft, cached, promptTokens] = [0, 0, NONE];
  for await (const { shard, rows } of queries.blocks()) {
    if (!missing.has(shard)) continue;
    for (const row of rows) {
      const rowPrompt = prompt(row.prompt);
      const known =
        open !== true &&
        paid &&
        (await context.spend.cache.find(
          callParts(info.fingerprint, method, rowPrompt, settings),
        )) !== undefined;
      if (known) cached++;
      else {
        rowsLeft++;
        promptTokens = plus(promptTokens, product(estimateTokens(rowPrompt), perRow));
      }
    }
  }
  const calls = times(perRow, rowsLeft);
  const reply =
    maxTokens <= 1
      ? times(ONE, maxTokens)
      : {
          low: Math.ceil(SHARE.low * maxTokens),
          expected: Math.ceil(SHARE.expected * maxTokens),
          high: maxTokens,
        };
  const completionTokens = product(reply, calls);
  const price = paid
    ? findPrice(context.plan.project.config.prices, info.name, name)
    : { input: 0, output: 0 };
  const dollars = (kind: keyof Estimate): number =>
    price === null
      ? 0
      : computeTokenCost(price, { prompt: promptTokens[kind], completion: completionTokens[kind] });
  return {
    model: name,
    what,
    calls: calls.high,
    cached,
    promptTokens,
    completionTokens,
    usd:
      price === null && calls.high > 0
        ? null
        : { low: dollars('low'), expected: dollars('expected'), high: dollars('high') },
  };
}

const answering = (context: RunContext, name: string, queries: QuerySet): Asking => {
  const planned = plannedModel(context.plan, name);
  return {
    planned,
    what: `answers ${queries.dataset}/${queries.split}`,
    queries,
    artifacts: [getAnswersArtifact(context, name, queries)],
    prompt: (text) => chatPrompt(context.plan, text),
    method: 'generate',
    settings: { ...planned.generation, n: 1 },
    maxTokens: planned.generation.maxTokens,
  };
};

/**
 * Judges are taken to be asked once a row, with the question and the answer; what a scorer really
 * asks is its own affair.
 */
const grading = (
  context: RunContext,
  model: string,
  set: PlannedSet,
  queries: QuerySet,
): readonly Asking[] =>
  getJudges(set).map((judge) => {
    const planned = plannedModel(context.plan, judge);
    const artifacts = [getGradesArtifact(context, model, set, queries)];
    return {
      planned,
      what: `grades ${model} on ${queries.dataset}/${queries.split}`,
      queries,
      artifacts,
      prompt: (text) => text,
      open: true,
      method: 'generate',
      settings: {},
      maxTokens: planned.generation.maxTokens,
    };
  });

/** Prompts a row of signals that stand on samples: texts that are equal are asked about once. */
function askedPerRow({ kind, params }: SignalRequest): Estimate {
  const { n = 1 } = (params['of'] ?? {}) as { readonly n?: number };
  if (kind === 'sample-embeddings') return { low: 1, expected: n, high: n };
  return kind === 'entailment' ? { low: 0, expected: (n * (n - 1)) / 2, high: n * (n - 1) } : ONE;
}

/** What one prompt a row is asked for; several requests only where one reading gives them all. */
function observing(
  context: RunContext,
  requests: readonly [SignalRequest, ...SignalRequest[]],
  queries: QuerySet,
): Asking {
  const [request] = requests;
  const planned = plannedModel(context.plan, getModelName(request));
  const { params, kind } = request;
  const kinds = requests.map((own) => own.kind);
  const template = params['template'] === undefined ? undefined : String(params['template']);
  const filled = (text: string): string => template?.replaceAll('{query}', () => text) ?? text;
  const method = getModelMethod(request);
  const settings: Readonly<Record<string, JsonObject>> = {
    samples: params,
    reply: {
      maxTokens: Number(params['maxTokens']),
      temperature: Number(params['temperature']),
      n: 1,
      seed: 0,
    },
    'choice-logprobs': { choices: params['choices'] as readonly string[] },
  };
  return {
    planned,
    what: `${kinds.join(' and ')} ${queries.dataset}/${queries.split}`,
    queries,
    artifacts: requests.map((own) => getSignalArtifact(context, own, queries)),
    prompt: (text) =>
      method === 'embed' || method === 'classify'
        ? text
        : params['prompt'] === 'raw'
          ? { form: 'raw', text }
          : chatPrompt(context.plan, filled(text)),
    open: fillsAnswer(request) || samplesUnder(request) !== undefined,
    method,
    settings:
      method === 'read'
        ? { logits: kinds.includes('logits'), hiddenStates: kinds.includes('hidden-states') }
        : (settings[kind] ?? {}),
    maxTokens:
      method === 'generate'
        ? Number(params['maxTokens'] ?? planned.generation.maxTokens) * Number(params['n'] ?? 1)
        : method === 'embed' || method === 'classify'
          ? 0
          : 1,
    perRow: askedPerRow(request),
  };
}

/**
 * One line a model and kind of work, those with nothing left to do included. Rows of one artifact
 * are counted once.
 */
export async function dryRun(context: RunContext): Promise<readonly DryRunLine[]> {
  const asked = new Map<string, Asking>();
  for (const { set, queries, graded, requests } of buildJobs(context)) {
    const all = [
      ...graded.flatMap((name) => [
        answering(context, name, queries),
        ...grading(context, name, set, queries),
      ]),
      ...(requests.some(readsAnswer) ? [answering(context, 'weak', queries)] : []),
      ...askedTogether(
        distinct(context, requests, queries).filter(({ kind }) => kind !== 'answer'),
      ).map((group) => observing(context, group, queries)),
    ];
    for (const own of all)
      if (own.planned.info.recorded === undefined)
        asked.set(
          `${own.planned.name}/${own.artifacts.map(({ kind, hash }) => `${kind} ${hash}`).join('/')}`,
          own,
        );
  }
  const lines: DryRunLine[] = [];
  for (const own of asked.values()) lines.push(await buildDryRunLine(context, own));
  return lines;
}

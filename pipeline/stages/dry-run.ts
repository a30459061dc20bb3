/** What a run would ask of its models, counted without asking. */
import { callParts } from '../../storage/cache/call-key.js';
import type { ModelMethod, ModelPrompt } from '../../core/contracts.js';
import { getSignal } from '../../core/signals/table.js';
import type { PlannedModel } from '../planning/planned.js';
import { answerSettings, buildChatPrompt } from '../prompts.js';
import type { QuerySet } from '../query-set.js';
import { plannedModel, type RunContext } from '../run-context.js';
import type { StoredSignal } from '../signals/reader.js';
import {
  askedTogether,
  fillsAnswer,
  getGeneration,
  getModelMethod,
  getModelName,
  isAnswer,
  readsAnswer,
} from '../signals/requests.js';
import { isPaid } from '../spending/paid.js';
import { computeTokenCost, findPrice } from '../spending/prices.js';
import { NONE, plus, product, times, estimateTokens, type Estimate } from '../spending/tokens.js';
import type { Artifact } from '../../storage/artifact.js';
import type { JsonObject } from '../../core/util/json.js';
import { getJudges } from './grade.js';
import { buildReadPrompt, distinct } from './observe.js';
import { buildJobs, type Job } from './prepare.js';
import { namePrepared, type PreparedQueries, type Side } from './prepared.js';

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

/** Rows that are still to be asked about, and what is known of their prompts. */
async function countRows(
  context: RunContext,
  { planned, queries, artifacts, prompt, open, method, settings, perRow = ONE }: Asking,
): Promise<{ readonly left: number; readonly cached: number; readonly promptTokens: Estimate }> {
  const { info } = planned;
  const missing = new Set(
    (await Promise.all(artifacts.map((artifact) => artifact.missing()))).flat(),
  );
  const inCache = open !== true && isPaid(info, method);
  let left = 0;
  let cached = 0;
  let promptTokens = NONE;
  for await (const { shard, rows } of queries.blocks()) {
    if (!missing.has(shard)) continue;
    for (const row of rows) {
      const rowPrompt = prompt(row.prompt);
      const isKnown =
        inCache &&
        (await context.spend.cache.find(
          callParts(info.fingerprint, method, rowPrompt, settings),
        )) !== undefined;
      if (isKnown) cached++;
      else {
        left++;
        promptTokens = plus(promptTokens, product(estimateTokens(rowPrompt), perRow));
      }
    }
  }
  return { left, cached, promptTokens };
}

/** Tokens that one reply is expected to have. */
const estimateReply = (maxTokens: number): Estimate =>
  maxTokens <= 1
    ? times(ONE, maxTokens)
    : {
        low: Math.ceil(SHARE.low * maxTokens),
        expected: Math.ceil(SHARE.expected * maxTokens),
        high: maxTokens,
      };

async function buildDryRunLine(context: RunContext, asking: Asking): Promise<DryRunLine> {
  const { planned, what, method, maxTokens, perRow = ONE } = asking;
  const { name, info } = planned;
  const { left, cached, promptTokens } = await countRows(context, asking);
  const calls = times(perRow, left);
  const completionTokens = product(estimateReply(maxTokens), calls);
  const price = isPaid(info, method)
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

const answering = (
  context: RunContext,
  side: Side,
  { queries, answers }: PreparedQueries,
): Asking => {
  const planned = plannedModel(context.plan, side);
  return {
    planned,
    what: `answers ${queries.dataset}/${queries.split}`,
    queries,
    artifacts: [answers[side]],
    prompt: (text) => buildChatPrompt(context.plan.project.config, text),
    method: 'generate',
    settings: { ...answerSettings(planned.generation) },
    maxTokens: planned.generation.maxTokens,
  };
};

/**
 * Judges are counted as asked once a row, with the question and the answer: what a scorer really
 * asks is not known before.
 */
const grading = (context: RunContext, side: Side, { set, graded }: Job): readonly Asking[] => {
  if (graded === null) return [];
  const { queries, grades } = graded.stored;
  return getJudges(set).map((judge) => {
    const planned = plannedModel(context.plan, judge);
    return {
      planned,
      what: `grades ${side} on ${queries.dataset}/${queries.split}`,
      queries,
      artifacts: [grades[side]],
      prompt: (text) => text,
      open: true,
      method: 'generate',
      settings: {},
      maxTokens: planned.generation.maxTokens,
    };
  });
};

/** Prompts a row of a signal that is made from samples; one for every other signal. */
const countPromptsPerRow = ({ request, samples }: StoredSignal): Estimate =>
  getSignal(request).promptsPerRow?.(Number(samples?.request.params['n'] ?? 1)) ?? ONE;

/** How one prompt a row is asked; several signals only where one reading gives them all. */
function buildQuestion(
  context: RunContext,
  signals: readonly [StoredSignal, ...StoredSignal[]],
): Pick<Asking, 'prompt' | 'settings' | 'maxTokens'> {
  const [{ request }] = signals;
  const { config } = context.plan.project;
  const { params } = request;
  const states = signals.map((signal) => getSignal(signal.request).state);
  switch (getModelMethod(request)) {
    case 'read':
      return {
        prompt: (text) => buildReadPrompt(context, request, text),
        settings: {
          logits: states.includes('logits'),
          hiddenStates: states.includes('hiddenStates'),
        },
        maxTokens: 1,
      };
    case 'embed':
    case 'classify':
      return { prompt: (text) => text, settings: {}, maxTokens: 0 };
    case 'choose':
    case 'generate': {
      const { template = '{query}' } = params;
      const choices = getSignal(request).choices?.(params);
      const settings = choices === undefined ? getGeneration(request) : { choices };
      return {
        prompt: (text) =>
          buildChatPrompt(
            config,
            String(template).replaceAll('{query}', () => text),
          ),
        settings: { ...settings },
        maxTokens: 'maxTokens' in settings ? settings.maxTokens * (settings.n ?? 1) : 1,
      };
    }
  }
}

const observing = (
  context: RunContext,
  signals: readonly [StoredSignal, ...StoredSignal[]],
  queries: QuerySet,
): Asking => {
  const [signal] = signals;
  const { request } = signal;
  const kinds = signals.map(({ request: { kind } }) => kind).join(' and ');
  return {
    planned: plannedModel(context.plan, getModelName(request)),
    what: `${kinds} ${queries.dataset}/${queries.split}`,
    queries,
    artifacts: signals.map(({ artifact }) => artifact),
    open: fillsAnswer(request) || signal.samples !== null,
    method: getModelMethod(request),
    perRow: countPromptsPerRow(signal),
    ...buildQuestion(context, signals),
  };
};

/** All that one query set asks of models. */
const listAskings = (context: RunContext, job: Job): readonly Asking[] => {
  const { stored, graded, signals } = job;
  const sides = graded?.sides ?? [];
  const needsAnswer = signals.some(({ request }) => readsAnswer(request));
  return [
    ...sides.flatMap((side) => [answering(context, side, stored), ...grading(context, side, job)]),
    ...(needsAnswer ? [answering(context, 'weak', stored)] : []),
    ...askedTogether(distinct(signals).filter(({ request }) => !isAnswer(request))).map((group) =>
      observing(context, group, stored.queries),
    ),
  ];
};

/**
 * One line a model and kind of work, also where nothing is left to do. Rows of one artifact are
 * counted once.
 */
export async function dryRun(context: RunContext): Promise<readonly DryRunLine[]> {
  const asked = new Map<string, Asking>();
  for (const job of buildJobs(context, namePrepared(context)))
    for (const asking of listAskings(context, job)) {
      const { planned, artifacts } = asking;
      if (planned.info.recorded !== undefined) continue;
      const names = artifacts.map(({ kind, hash }) => `${kind} ${hash}`);
      asked.set(`${planned.name}/${names.join('/')}`, asking);
    }
  const lines: DryRunLine[] = [];
  for (const asking of asked.values()) lines.push(await buildDryRunLine(context, asking));
  return lines;
}

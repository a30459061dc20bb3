/**
 * Queries → signals: what routers asked for, each made once and stored under the hash of all that
 * made it.
 */
import type {
  Completion,
  DatasetRow,
  ModelPrompt,
  Outcome,
  PromptState,
} from '../../core/contracts.js';
import type { SignalRequest } from '../../core/signals/requests.js';
import { getSignal } from '../../core/signals/table.js';
import { shapeSize } from '../../core/util/shape-size.js';
import { buildChatPrompt } from '../prompts.js';
import type { QuerySet } from '../query-set.js';
import { plannedModel, type RunContext } from '../run-context.js';
import type { StoredSignal } from '../signals/reader.js';
import {
  askedTogether,
  fillsAnswer,
  getGeneration,
  getModelMethod,
  getTitle,
  isAnswer,
  readsAnswer,
} from '../signals/requests.js';
import { answer, type AnswerRow } from './answer.js';
import { isPaid } from '../spending/paid.js';
import { askChoices, askStates, askTexts, askVectors } from './ask.js';
import { embedSamples, judgePairs } from './observe-samples.js';
import type { PreparedQueries } from './prepared.js';
import { produce } from './produce.js';
import { NO_ANSWER_CODE } from './failure-codes.js';
import {
  produceSignal,
  rowFailures,
  rowTokens,
  signalProduction,
  tensorRow,
} from './produce-signal.js';
import { countTokens, type TextRow } from './token-counts.js';

/** The prompt of a row that a model reads for its state: chat-templated, or the bare text. */
export const buildReadPrompt = (
  context: RunContext,
  request: SignalRequest,
  text: string,
): ModelPrompt =>
  request.params['prompt'] === 'raw'
    ? { form: 'raw', text }
    : buildChatPrompt(context.plan.project.config, text);

/** Signals that are members of one prompt state come from one reading of the prompt. */
async function observeStates(
  context: RunContext,
  signals: readonly [StoredSignal, ...StoredSignal[]],
  set: QuerySet,
): Promise<void> {
  const planned = plannedModel(context.plan, 'weak');
  const { request } = signals[0];
  const states = signals.map((signal) => ({
    ...signal,
    state: getSignal(signal.request).state as keyof PromptState,
  }));
  const titles = signals.map((signal) => getTitle(signal.request)).join(' and ');
  await produce(
    context,
    `weak ${titles} ${set.dataset}/${set.split}`,
    set,
    signals.map(({ artifact }) => artifact),
    async (rows, shard, missing, task) => {
      const wanted = states.filter(({ artifact }) => missing.includes(artifact));
      const isWanted = (name: keyof PromptState): boolean =>
        wanted.some(({ state }) => state === name);
      const outcomes = await askStates(
        context,
        planned,
        rows.map((row) => buildReadPrompt(context, request, row.prompt)),
        { logits: isWanted('logits'), hiddenStates: isWanted('hiddenStates') },
        task.advance,
      );
      const tokens = rowTokens(outcomes.map((outcome) => [outcome]));
      for (const { artifact, state, ...signal } of wanted) {
        const shape = signal.shape ?? [];
        const values = outcomes.map((outcome) =>
          tensorRow(
            'weak',
            outcome.ok ? { ok: true, value: outcome.value[state] } : outcome,
            shapeSize(shape),
          ),
        );
        await artifact.writeTensorRows(shard, values, shape, rowFailures(outcomes), tokens);
      }
    },
    {
      ...signalProduction(planned, signals[0]),
      uncached:
        isPaid(planned.info, 'read') && states.some(({ state }) => state === 'hiddenStates'),
    },
  );
}

/** Makes the vectors of query texts: embeddings or class logits. */
async function observeVectors(
  context: RunContext,
  signal: StoredSignal,
  method: 'embed' | 'classify',
  queries: QuerySet,
): Promise<void> {
  const shape = signal.shape ?? [];
  await produceSignal(context, signal, queries, async (planned, rows, shard, task) => {
    const texts = rows.map((row) => row.prompt);
    const outcomes = await askVectors(context, planned, method, texts, task.advance);
    const width = shapeSize(shape);
    const values = outcomes.map((outcome) => tensorRow(planned.name, outcome, width));
    const tokens = rowTokens(outcomes.map((outcome) => [outcome]));
    await signal.artifact.writeTensorRows(shard, values, shape, rowFailures(outcomes), tokens);
  });
}

/** A row for which no model is asked, and why. */
type NotAsked = Extract<Outcome<never>, { readonly ok: false }>;

/** A row whose answer, which the template is to be filled with, failed. */
const noAnswer = (reason: string): NotAsked => ({
  ok: false,
  code: NO_ANSWER_CODE,
  message: `the weak model gave no answer to fill in: ${reason}`,
});

/**
 * The prompts of rows: the query alone where the request has no template, else the template with
 * `{query}` and `{answer}` filled in. A row whose answer failed has no prompt.
 */
const fillTemplates = async (
  context: RunContext,
  { params, ...request }: SignalRequest,
  { answers }: PreparedQueries,
  rows: readonly DatasetRow[],
  shard: number,
): Promise<readonly (ModelPrompt | NotAsked)[]> => {
  const { config } = context.plan.project;
  const { template } = params;
  if (typeof template !== 'string') return rows.map((row) => buildChatPrompt(config, row.prompt));
  const given = fillsAnswer({ params, ...request })
    ? await answers.weak.readRows<AnswerRow>(shard)
    : [];
  return rows.map((row, i) => {
    const answerRow = given[i];
    if (answerRow !== undefined && 'error' in answerRow) return noAnswer(answerRow.error.message);
    // One pass, so that braces inside the query are left alone.
    const text = template.replace(/\{(query|answer)\}/g, (_whole, name: string) =>
      name === 'query' ? row.prompt : (answerRow?.text ?? ''),
    );
    return buildChatPrompt(config, text);
  });
};

/** Asks only where there is a prompt, and puts the outcomes back in their places. */
const askWhere = async <T>(
  prompts: readonly (ModelPrompt | NotAsked)[],
  ask: (prompts: readonly ModelPrompt[]) => Promise<readonly Outcome<T>[]>,
): Promise<readonly Outcome<T>[]> => {
  const outcomes = [
    ...(await ask(prompts.filter((prompt): prompt is ModelPrompt => 'form' in prompt))),
  ];
  return prompts.map((prompt) => ('form' in prompt ? (outcomes.shift() as Outcome<T>) : prompt));
};

/** Makes the log-probabilities of continuations. */
async function observeChoices(
  context: RunContext,
  signal: StoredSignal,
  prepared: PreparedQueries,
): Promise<void> {
  const { request, artifact } = signal;
  const choices = getSignal(request).choices?.(request.params) ?? [];
  await produceSignal(context, signal, prepared.queries, async (planned, rows, shard, task) => {
    const prompts = await fillTemplates(context, request, prepared, rows, shard);
    const outcomes = await askWhere(
      prompts,
      async (asked) => await askChoices(context, planned, asked, choices, task.advance),
    );
    const values = outcomes.map((outcome) => tensorRow(planned.name, outcome, choices.length));
    const tokens = rowTokens(outcomes.map((outcome) => [outcome]));
    const failures = rowFailures(outcomes);
    await artifact.writeTensorRows(shard, values, [choices.length], failures, tokens);
  });
}

/** A stored row of the texts that a model generated. */
const textRow = (id: string, outcome: Outcome<readonly Completion[]>): TextRow => {
  if (!outcome.ok) return { id, error: { code: outcome.code, message: outcome.message } };
  const { value } = outcome;
  return {
    id,
    texts: value.map(({ text, tokenLogprobs }) => ({ text, tokenLogprobs })),
    ...(value.some(({ thinking }) => thinking !== undefined)
      ? { thinking: value.map(({ thinking }) => thinking ?? null) }
      : {}),
    ...countTokens([outcome]),
  };
};

/** Makes texts that a model generates: samples or replies. */
async function observeTexts(
  context: RunContext,
  signal: StoredSignal,
  prepared: PreparedQueries,
): Promise<void> {
  const { request, artifact } = signal;
  const settings = getGeneration(request);
  await produceSignal(context, signal, prepared.queries, async (planned, rows, shard, task) => {
    const outcomes = await askWhere(
      await fillTemplates(context, request, prepared, rows, shard),
      async (asked) => await askTexts(context, planned, asked, settings, task.advance),
    );
    await artifact.writeRows(
      shard,
      outcomes.map((outcome, i) => textRow((rows[i] as DatasetRow).id, outcome)),
    );
  });
}

/**
 * Signals that have different artifacts, with the samples that others are made from; those come
 * first.
 */
export const distinct = (signals: readonly StoredSignal[]): readonly StoredSignal[] => [
  ...new Map(
    signals
      .flatMap((signal) => [signal.samples ?? signal, signal])
      .map((signal) => [signal.artifact.hash, signal]),
  ).values(),
];

/** Makes a signal that is not read together with others, by the way in which its model is asked. */
async function observeOne(
  context: RunContext,
  signal: StoredSignal,
  prepared: PreparedQueries,
): Promise<void> {
  const { request, samples } = signal;
  const { queries } = prepared;
  const method = getModelMethod(request);
  if (samples !== null) {
    if (method === 'embed') await embedSamples(context, signal, samples.artifact, queries);
    else await judgePairs(context, signal, samples.artifact, queries);
  } else if (method === 'embed' || method === 'classify')
    await observeVectors(context, signal, method, queries);
  else if (method === 'choose') await observeChoices(context, signal, prepared);
  else if (method === 'generate' && !isAnswer(request))
    await observeTexts(context, signal, prepared);
}

/** Makes the missing ones of some signals of a query set: each distinct signal once. */
export async function observe(
  context: RunContext,
  prepared: PreparedQueries,
  signals: readonly StoredSignal[],
): Promise<void> {
  const unique = distinct(signals);
  for (const group of askedTogether(unique))
    if (getModelMethod(group[0].request) === 'read')
      await observeStates(context, group, prepared.queries);
  for (const signal of unique) {
    if (readsAnswer(signal.request)) await answer(context, 'weak', prepared);
    await observeOne(context, signal, prepared);
  }
}

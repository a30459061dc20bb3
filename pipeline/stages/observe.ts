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
import { HarnessError } from '../../core/errors.js';
import type { PlannedModel } from '../planning/planned.js';
import type { QuerySet } from '../query-set.js';
import type { RunContext } from '../run-context.js';
import {
  askedTogether,
  fillsAnswer,
  getModelMethod,
  getModelName,
  readsAnswer,
  samplesUnder,
  type SampleSettings,
  type SignalRequest,
} from '../../core/signals/requests.js';
import { Artifact } from '../../storage/artifact.js';
import {
  answer,
  getAnswersArtifact,
  chatPrompt,
  hasFailed,
  plannedModel,
  type AnswerRow,
} from './answer.js';
import { askChoices, askStates, askTexts, askVectors, shardsAtOnce } from './ask.js';
import { embedSamples, judgeEntailment } from './observe-samples.js';
import { produce, type Production } from './produce.js';
import type { TextRow } from './token-counts.js';
import { shapeSize } from '../../core/util/shape-size.js';

const promptFor = (context: RunContext, request: SignalRequest, row: DatasetRow): ModelPrompt =>
  request.params['prompt'] === 'raw'
    ? { form: 'raw', text: row.prompt }
    : chatPrompt(context.plan, row.prompt);

/** Signals of these kinds are tensors of one shape a row; the others are texts. */
export const isTensor = (request: SignalRequest): boolean =>
  request.kind === 'sample-embeddings' ||
  request.kind === 'logits' ||
  request.kind === 'hidden-states' ||
  request.kind === 'embedding' ||
  request.kind === 'class-logits' ||
  request.kind === 'choice-logprobs';

/** Shape of one row of a tensor signal. */
export function tensorShape(context: RunContext, request: SignalRequest): readonly number[] {
  const { info } = plannedModel(context.plan, getModelName(request));
  switch (request.kind) {
    case 'logits':
      return [info.vocabulary ?? info.topLogprobs ?? 0];
    case 'hidden-states':
      return [info.hiddenStates?.indices.length ?? 0, info.hiddenStates?.dim ?? 0];
    case 'embedding':
      return [info.embedding?.dim ?? 0];
    case 'class-logits':
      return [info.classes ?? 0];
    case 'sample-embeddings':
      return [(request.params['of'] as unknown as SampleSettings).n, info.embedding?.dim ?? 0];
    default:
      return [(request.params['choices'] as readonly string[]).length];
  }
}

/** These are read off the bare query text, without any prompt around it. */
const ofText = ({ kind }: SignalRequest): boolean =>
  kind === 'embedding' || kind === 'class-logits';

/**
 * The artifact of a signal on a set, made or not. The weak model's answer is the one that is
 * graded.
 */
export function getSignalArtifact(
  context: RunContext,
  request: SignalRequest,
  set: QuerySet,
): Artifact {
  if (request.kind === 'answer') return getAnswersArtifact(context, 'weak', set);
  const { info } = plannedModel(context.plan, getModelName(request));
  const { model: _name, ...params } = request.params;
  const system =
    ofText(request) || request.kind === 'sample-embeddings' || params['prompt'] === 'raw'
      ? null
      : (context.plan.project.config.generation.system ?? null);
  const samples = samplesUnder(request);
  const answers = fillsAnswer(request) ? getAnswersArtifact(context, 'weak', set).hash : null;
  const layers = request.kind === 'hidden-states' ? (info.hiddenStates?.indices ?? []) : null;
  const unnormalised =
    request.kind === 'hidden-states' ? info.hiddenStates?.unnormalised : undefined;
  return new Artifact(
    context.results,
    request.kind,
    {
      model: info.fingerprint,
      params,
      system,
      prompts: set.promptsHash,
      ...(answers === null ? {} : { answers }),
      ...(layers === null ? {} : { layers }),
      ...(unnormalised === undefined ? {} : { unnormalised }),
      ...(samples === undefined ? {} : { samples: getSignalArtifact(context, samples, set).hash }),
    },
    set.rows,
    isTensor(request) ? 'safetensors' : 'jsonl',
  );
}

const tensorRow = (
  model: string,
  outcome: Outcome<Float32Array | undefined>,
  width: number,
): Float32Array | null => {
  if (!outcome.ok) return null;
  const got = outcome.value?.length ?? 0;
  if (got !== width)
    throw new HarnessError('brokenBackend', {
      model,
      problem: `it returned ${got} numbers, but declares ${width}`,
    });
  return outcome.value as Float32Array;
};

/** How tensor shards are made of what a model gives. */
const tensorProduction = (planned: PlannedModel, request: SignalRequest): Production => ({
  atOnce: shardsAtOnce(planned, getModelMethod(request)),
  failed: async (artifact) => await artifact.shardsWithGaps(),
});

/** Logits and hidden states of one prompt form come from one reading of the prompt. */
async function observeStates(
  context: RunContext,
  requests: readonly [SignalRequest, ...SignalRequest[]],
  set: QuerySet,
): Promise<void> {
  const byArtifact = new Map(
    requests.map((request) => [getSignalArtifact(context, request, set), request]),
  );
  const planned = plannedModel(context.plan, 'weak');
  const names = requests.map((request) => request.kind).join(' and ');
  await produce(
    context,
    `weak ${names} ${set.dataset}/${set.split}`,
    set,
    [...byArtifact.keys()],
    async (rows, shard, missing, task) => {
      const wanted = new Set(missing.map((artifact) => artifact.kind));
      const outcomes = await askStates(
        context,
        planned,
        rows.map((row) => promptFor(context, requests[0], row)),
        { logits: wanted.has('logits'), hiddenStates: wanted.has('hidden-states') },
        task.advance,
      );
      for (const artifact of missing) {
        const shape = tensorShape(context, byArtifact.get(artifact) as SignalRequest);
        const pick = (state: PromptState): Float32Array | undefined =>
          artifact.kind === 'logits' ? state.logits : state.hiddenStates;
        const values = outcomes.map((outcome) =>
          tensorRow(
            'weak',
            outcome.ok ? { ok: true, value: pick(outcome.value) } : outcome,
            shapeSize(shape),
          ),
        );
        await artifact.writeTensorRows(shard, values, shape);
      }
    },
    tensorProduction(planned, requests[0]),
  );
}

async function observeText(
  context: RunContext,
  request: SignalRequest,
  set: QuerySet,
): Promise<void> {
  const name = getModelName(request);
  const artifact = getSignalArtifact(context, request, set);
  const shape = tensorShape(context, request);
  const planned = plannedModel(context.plan, name);
  const [method, what] =
    request.kind === 'embedding'
      ? (['embed', 'embeddings'] as const)
      : (['classify', 'class logits'] as const);
  await produce(
    context,
    `${name} ${what} ${set.dataset}/${set.split}`,
    set,
    [artifact],
    async (rows, shard, _missing, task) => {
      const outcomes = await askVectors(
        context,
        planned,
        method,
        rows.map((row) => row.prompt),
        task.advance,
      );
      await artifact.writeTensorRows(
        shard,
        outcomes.map((outcome) => tensorRow(name, outcome, shapeSize(shape))),
        shape,
      );
    },
    tensorProduction(planned, request),
  );
}

/** Fills a template: `{query}` and `{answer}`. A question whose answer failed has no prompt. */
const fillTemplates = async (
  context: RunContext,
  request: SignalRequest,
  set: QuerySet,
  rows: readonly DatasetRow[],
  shard: number,
): Promise<readonly (ModelPrompt | null)[]> => {
  const template = String(request.params['template']);
  const answers = fillsAnswer(request)
    ? await getAnswersArtifact(context, 'weak', set).readRows<AnswerRow>(shard)
    : [];
  return rows.map((row, i) => {
    const given = answers[i];
    if (given !== undefined && 'error' in given) return null;
    // One pass, so that braces inside the query are left alone.
    const text = template.replace(/\{(query|answer)\}/g, (_whole, name: string) =>
      name === 'query' ? row.prompt : (given?.text ?? ''),
    );
    return chatPrompt(context.plan, text);
  });
};

const NO_ANSWER = {
  ok: false,
  code: 'no-answer',
  message: 'the weak model gave no answer to fill in',
} as const;

/** Asks only where there is a prompt, and puts the outcomes back in their places. */
const askWhere = async <T>(
  prompts: readonly (ModelPrompt | null)[],
  ask: (prompts: readonly ModelPrompt[]) => Promise<readonly Outcome<T>[]>,
): Promise<readonly Outcome<T>[]> => {
  const outcomes = [...(await ask(prompts.filter((prompt) => prompt !== null)))];
  return prompts.map((prompt) => (prompt === null ? NO_ANSWER : (outcomes.shift() as Outcome<T>)));
};

async function observeChoices(
  context: RunContext,
  request: SignalRequest,
  set: QuerySet,
): Promise<void> {
  const name = getModelName(request);
  const artifact = getSignalArtifact(context, request, set);
  const choices = request.params['choices'] as readonly string[];
  const planned = plannedModel(context.plan, name);
  await produce(
    context,
    `${name} choices ${set.dataset}/${set.split}`,
    set,
    [artifact],
    async (rows, shard, _missing, task) => {
      const prompts = await fillTemplates(context, request, set, rows, shard);
      const outcomes = await askWhere(
        prompts,
        async (asked) => await askChoices(context, planned, asked, choices, task.advance),
      );
      await artifact.writeTensorRows(
        shard,
        outcomes.map((outcome) => tensorRow(name, outcome, choices.length)),
        [choices.length],
      );
    },
    tensorProduction(planned, request),
  );
}

async function observeTexts(
  context: RunContext,
  request: SignalRequest,
  set: QuerySet,
): Promise<void> {
  const name = getModelName(request);
  const planned = plannedModel(context.plan, name);
  const artifact = getSignalArtifact(context, request, set);
  const settings =
    request.kind === 'samples'
      ? (request.params as unknown as SampleSettings)
      : {
          maxTokens: Number(request.params['maxTokens']),
          temperature: Number(request.params['temperature']),
          n: 1,
          seed: 0,
        };
  await produce(
    context,
    `${name} ${request.kind === 'samples' ? 'samples' : 'replies'} ${set.dataset}/${set.split}`,
    set,
    [artifact],
    async (rows, shard, _missing, task) => {
      const prompts =
        request.kind === 'samples'
          ? rows.map((row) => chatPrompt(context.plan, row.prompt))
          : await fillTemplates(context, request, set, rows, shard);
      const outcomes = await askWhere(
        prompts,
        async (asked) => await askTexts(context, planned, asked, settings, task.advance),
      );
      await artifact.writeRows(
        shard,
        outcomes.map((outcome: Outcome<readonly Completion[]>, i): TextRow => {
          const { id } = rows[i] as DatasetRow;
          return outcome.ok
            ? {
                id,
                texts: outcome.value.map(({ text, tokenLogprobs }) => ({ text, tokenLogprobs })),
                requests: 1,
                // one reading for all of its texts
                promptTokens: outcome.value[0]?.promptTokens ?? 0,
                completionTokens: outcome.value.reduce(
                  (sum, { completionTokens }) => sum + completionTokens,
                  0,
                ),
              }
            : { id, error: { code: outcome.code, message: outcome.message } };
        }),
      );
    },
    {
      atOnce: shardsAtOnce(planned, 'generate'),
      failed: async (stored) => await stored.shardsWith(hasFailed),
    },
  );
}

/**
 * Requests that make different artifacts of a set, with the samples that others stand on; those
 * come first.
 */
export const distinct = (
  context: RunContext,
  requests: readonly SignalRequest[],
  set: QuerySet,
): readonly SignalRequest[] => [
  ...new Map(
    requests
      .flatMap((request) => [samplesUnder(request) ?? request, request])
      .map((request) => [getSignalArtifact(context, request, set).hash, request]),
  ).values(),
];

/** Makes the missing signals of one set: each distinct request once. */
export async function observe(
  context: RunContext,
  requests: readonly SignalRequest[],
  set: QuerySet,
): Promise<void> {
  const unique = distinct(context, requests, set);
  for (const group of askedTogether(unique))
    if (getModelMethod(group[0]) === 'read') await observeStates(context, group, set);
  for (const request of unique) {
    if (readsAnswer(request)) await answer(context, 'weak', set);
    if (ofText(request)) await observeText(context, request, set);
    else if (request.kind === 'choice-logprobs') await observeChoices(context, request, set);
    else if (request.kind === 'samples' || request.kind === 'reply')
      await observeTexts(context, request, set);
    const samples = samplesUnder(request);
    if (samples === undefined) continue;
    const stored = {
      artifact: getSignalArtifact(context, request, set),
      samples: getSignalArtifact(context, samples, set),
    };
    if (request.kind === 'entailment') await judgeEntailment(context, request, set, stored);
    else
      await embedSamples(context, request, set, stored, tensorShape(context, request)[1] as number);
  }
}

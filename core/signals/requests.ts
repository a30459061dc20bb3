import type { ModelMethod } from '../contracts.js';
import type { JsonObject } from '../util/json.js';
import type { Entailment, Generated, HiddenStates, Logits, SampleEmbeddings } from './values.js';

/** The kinds of signal the harness can produce. */
export type SignalKind =
  | 'logits'
  | 'hidden-states'
  | 'embedding'
  | 'class-logits'
  | 'answer'
  | 'samples'
  | 'sample-embeddings'
  | 'reply'
  | 'choice-logprobs'
  | 'entailment';

/**
 * `chat`: the chat-templated prompt of the answer, generation prompt included. `raw`: the bare
 * query text, as upstream pools it.
 */
export type PromptForm = 'chat' | 'raw';

declare const VALUE: unique symbol;

/**
 * A signal that a router asks for. `key` is the name under which the router finds the value in
 * `signals`;
 * `params` are part of the key of the stored artifact, so two requests with equal kind and params
 * share one artifact.
 */
export interface SignalRequest<Key extends string = string, Value = unknown> {
  readonly kind: SignalKind;
  readonly key: Key;
  readonly params: JsonObject;
  /**
   * Of logits: the router makes do with this many of the largest, where the model does not give the
   * whole vocabulary.
   */
  readonly top?: number;
  readonly [VALUE]?: Value;
}

/** The `signals` object that a list of requests yields. */
export type SignalsOf<Needs extends readonly SignalRequest[]> = {
  readonly [R in Needs[number] as R['key']]: R extends SignalRequest<string, infer V> ? V : never;
};

/**
 * The same request under another name in `signals`: needed when a router asks twice for one kind.
 */
export function as<Key extends string, Value>(
  key: Key,
  request: SignalRequest<string, Value>,
): SignalRequest<Key, Value> {
  return { ...request, key } as SignalRequest<Key, Value>;
}

/**
 * Logits of the weak model at the last prompt position. `top`: a model that gives only its largest
 * log-probabilities will do, where it
 * gives at least that many; the value is then those, falling, and the result says so. Left out,
 * such a model is refused.
 */
export function logits(
  options: { readonly prompt?: PromptForm; readonly top?: number } = {},
): SignalRequest<'logits', Logits> {
  return {
    kind: 'logits',
    key: 'logits',
    params: { prompt: options.prompt ?? 'chat' },
    ...(options.top === undefined ? {} : { top: options.top }),
  };
}

/** Mean-pooled hidden states of every layer of the weak model. */
export function hiddenStates(
  options: { readonly prompt?: PromptForm } = {},
): SignalRequest<'hiddenStates', HiddenStates> {
  return {
    kind: 'hidden-states',
    key: 'hiddenStates',
    params: { prompt: options.prompt ?? 'chat' },
  };
}

/**
 * Embedding of the query text: Float32Array[d]. `model` names an entry of the config's models;
 * default `encoder`.
 */
export function embedding(
  options: { readonly model?: string } = {},
): SignalRequest<'embedding', Float32Array> {
  return { kind: 'embedding', key: 'embedding', params: { model: options.model ?? 'encoder' } };
}

/**
 * Logits of a text classifier for the query text: Float32Array[classes]. `model` names an entry of
 * the config's models; default `classifier`.
 */
export function classLogits(
  options: { readonly model?: string } = {},
): SignalRequest<'classLogits', Float32Array> {
  return {
    kind: 'class-logits',
    key: 'classLogits',
    params: { model: options.model ?? 'classifier' },
  };
}

/** The weak model's greedy answer. */
export function answer(): SignalRequest<'answer', Generated> {
  return { kind: 'answer', key: 'answer', params: {} };
}

/** What `samples` needs to know. */
export interface SampleSettings {
  readonly n: number;
  readonly temperature: number;
  readonly maxTokens: number;
  readonly seed: number;
}

/** `n` sampled answers of the weak model. */
export function samples(settings: SampleSettings): SignalRequest<'samples', readonly Generated[]> {
  return { kind: 'samples', key: 'samples', params: { ...settings } };
}

/**
 * What `reply` needs to know. `template` holds `{query}` (and may hold `{answer}`, the weak model's
 * greedy answer).
 */
export interface ReplySettings {
  readonly template: string;
  readonly model?: string;
  readonly maxTokens: number;
  readonly temperature: number;
}

/** A model's reply to a template filled with the query. `model` defaults to `weak`. */
export function reply(settings: ReplySettings): SignalRequest<'reply', Generated> {
  return { kind: 'reply', key: 'reply', params: { ...settings, model: settings.model ?? 'weak' } };
}

/** What `choiceLogprobs` needs to know; `template` as for `reply`. */
export interface ChoiceSettings {
  readonly template: string;
  readonly choices: readonly string[];
  readonly model?: string;
}

/**
 * Natural-log probability of each choice as the continuation of the filled template:
 * Float32Array[choices].
 */
export function choiceLogprobs(
  settings: ChoiceSettings,
): SignalRequest<'choiceLogprobs', Float32Array> {
  return {
    kind: 'choice-logprobs',
    key: 'choiceLogprobs',
    params: { ...settings, model: settings.model ?? 'weak' },
  };
}

/**
 * Embeddings of the texts of a `samples` request, by an entry of the config's models; default
 * `encoder`.
 */
export function sampleEmbeddings(settings: {
  readonly of: SignalRequest<string, readonly Generated[]>;
  readonly model?: string;
}): SignalRequest<'sampleEmbeddings', SampleEmbeddings> {
  return {
    kind: 'sample-embeddings',
    key: 'sampleEmbeddings',
    params: { of: settings.of.params, model: settings.model ?? 'encoder' },
  };
}

/**
 * What `entailment` needs to know. `template` holds `{query}`, `{first}` and `{second}` and asks
 * whether the first text entails the second, to be answered with yes or no.
 */
export interface EntailmentSettings {
  readonly of: SignalRequest<string, readonly Generated[]>;
  readonly template: string;
  readonly model?: string;
  readonly maxTokens?: number;
}

/**
 * Whether one sample of a `samples` request entails another, for every pair of them and both
 * directions, answered by a model (default
 * `weak`, greedy, 8 tokens). A text entails itself without anybody being asked, and a pair of texts
 * that occurs twice is asked once.
 */
export function entailment(settings: EntailmentSettings): SignalRequest<'entailment', Entailment> {
  return {
    kind: 'entailment',
    key: 'entailment',
    params: {
      of: settings.of.params,
      template: settings.template,
      model: settings.model ?? 'weak',
      maxTokens: settings.maxTokens ?? 8,
      temperature: 0,
    },
  };
}

/** The `samples` request that another request stands on, or undefined. */
export function samplesUnder({ kind, params }: SignalRequest): SignalRequest | undefined {
  if (kind !== 'sample-embeddings' && kind !== 'entailment') return undefined;
  return samples(params['of'] as unknown as SampleSettings);
}

/** Whether a template is filled with the weak model's greedy answer. */
export const fillsAnswer = ({ params }: SignalRequest): boolean =>
  String(params['template'] ?? '').includes('{answer}');

/** Whether the weak model must have answered before a signal can be had. */
export const readsAnswer = (request: SignalRequest): boolean =>
  request.kind === 'answer' || fillsAnswer(request);

const METHODS: Readonly<Partial<Record<SignalKind, ModelMethod>>> = {
  logits: 'read',
  'hidden-states': 'read',
  embedding: 'embed',
  'class-logits': 'classify',
  'sample-embeddings': 'embed',
  'choice-logprobs': 'choose',
};

/** How its model is asked. */
export const getModelMethod = ({ kind }: SignalRequest): ModelMethod => METHODS[kind] ?? 'generate';

/**
 * Requests by what is asked at once: one reading of a prompt gives its logits and its hidden
 * states, every other request stands alone. No two of them may be equal.
 */
export function askedTogether(
  requests: readonly SignalRequest[],
): readonly (readonly [SignalRequest, ...SignalRequest[]])[] {
  const groups = new Map<unknown, [SignalRequest, ...SignalRequest[]]>();
  for (const request of requests) {
    const key = getModelMethod(request) === 'read' ? request.params['prompt'] : request;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [request]);
    else group.push(request);
  }
  return [...groups.values()];
}

/** The model of the config that answers a request. */
export const getModelName = (request: SignalRequest): string =>
  typeof request.params['model'] === 'string' ? request.params['model'] : 'weak';

/** What the stages ask of a request for a signal, by the definition of its kind. */
import type { GenerateSettings, ModelMethod } from '../../core/contracts.js';
import type { SignalDefinition } from '../../core/signals/definition.js';
import type { SignalRequest } from '../../core/signals/requests.js';
import { getSignal } from '../../core/signals/table.js';

/** The model of the config that answers a request. */
export const getModelName = ({ params }: SignalRequest): string =>
  typeof params['model'] === 'string' ? params['model'] : 'weak';

/** How its model is asked. */
export const getModelMethod = (request: SignalRequest): ModelMethod => getSignal(request).method;

/** Whether its model reads bare texts, without a chat template or system message around them. */
export const readsBareText = (request: SignalRequest): boolean =>
  ['embed', 'classify'].includes(getModelMethod(request)) || request.params['prompt'] === 'raw';

/** Whether it is the weak model's graded answer. */
export const isAnswer = (request: SignalRequest): boolean =>
  getSignal(request).answers === 'graded';

/** Whether a template is filled with the weak model's greedy answer. */
export const fillsAnswer = ({ params }: SignalRequest): boolean =>
  String(params['template'] ?? '').includes('{answer}');

/** Whether the weak model must have answered before a signal can be made. */
export const readsAnswer = (request: SignalRequest): boolean =>
  isAnswer(request) || fillsAnswer(request);

/**
 * Whether a decision that uses it comes after the weak model has answered: it reads the answer, or
 * answers that are sampled for it.
 */
export const followsAnswer = (request: SignalRequest): boolean =>
  readsAnswer(request) ||
  getSignal(request).answers === 'sampled' ||
  samplesUnder(request) !== undefined;

/** The `samples` request that another request is made from, or undefined. */
export const samplesUnder = (request: SignalRequest): SignalRequest | undefined =>
  getSignal(request).samples?.(request.params);

/** The name of a kind for `rxb prepare --only`. */
export const getPart = ({ kind, part = kind }: SignalDefinition): string => part;

/** What is made, in words. */
export const getTitle = (request: SignalRequest): string => {
  const definition = getSignal(request);
  return definition.title ?? getPart(definition);
};

/** What a model is asked to generate for a request. */
export const getGeneration = (request: SignalRequest): GenerateSettings => {
  const { params } = request;
  return (
    getSignal(request).generation?.(params) ?? {
      maxTokens: Number(params['maxTokens']),
      temperature: Number(params['temperature']),
      n: 1,
      seed: 0,
    }
  );
};

/**
 * Requests by what is asked at once: one reading of a prompt gives its logits and its hidden
 * states, every other request is asked by itself. No two of them may be equal.
 */
export function askedTogether<Item extends { readonly request: SignalRequest }>(
  items: readonly Item[],
): readonly (readonly [Item, ...Item[]])[] {
  const groups = new Map<unknown, [Item, ...Item[]]>();
  for (const item of items) {
    const { request } = item;
    const key = getModelMethod(request) === 'read' ? request.params['prompt'] : request;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

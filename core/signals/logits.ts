import { VECTOR, type SignalDefinition } from './definition.js';
import type { PromptForm, SignalRequest } from './requests.js';

/** Float32Array[V] over the vocabulary, unnormalised; or, with `top`, log-probabilities. */
export type Logits = Float32Array;

/**
 * Logits of the weak model at the last prompt position. `top` also accepts a model that gives only
 * its largest log-probabilities, at least that many, in falling order; the result says so.
 */
export function logits(
  options: { readonly prompt?: PromptForm; readonly top?: number } = {},
): SignalRequest<'logits', Logits> {
  const { prompt = 'chat', ...top } = options;
  return { kind: 'logits', key: 'logits', params: { prompt }, ...top };
}

export const logitsSignal = {
  kind: 'logits',
  method: 'read',
  ability: 'logits',
  partialAbility: 'top-logprobs',
  state: 'logits',
  shape: (model) => [model.vocabulary ?? model.topLogprobs ?? 0],
  numbers: VECTOR,
  weightsInput: (shape) => shape,
  partial: ({ topLogprobs }) =>
    topLogprobs === undefined ? null : `logits of the ${topLogprobs} likeliest tokens only`,
} as const satisfies SignalDefinition;

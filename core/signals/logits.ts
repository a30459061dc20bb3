import { VECTOR, type SignalDefinition } from './definition.js';
import type { PromptForm, SignalRequest } from './requests.js';

/**
 * Logits of the weak model over the whole vocabulary at the last prompt position: Float32Array[V],
 * unnormalised; or, where the request allows it, its largest log-probabilities.
 */
export type Logits = Float32Array;

/**
 * Logits of the weak model at the last prompt position. `top`: a model that gives only its largest
 * log-probabilities is accepted too, if it gives at least this many; the value is then those, in
 * falling order, and the result says so. Without `top`, such a model is refused.
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

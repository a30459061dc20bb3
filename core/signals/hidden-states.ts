import type { SignalDefinition } from './definition.js';
import type { PromptForm, SignalRequest } from './requests.js';

/**
 * Hidden states of the weak model, each layer averaged over the prompt tokens. `values` is
 * Float32Array[layers · dim], row by row; row 0 is the embedding output, the last row comes after
 * the final norm (Hugging Face order), so a model of L blocks has `layers` = L + 1.
 */
export interface HiddenStates {
  readonly layers: number;
  readonly dim: number;
  readonly values: Float32Array;
}

/** Mean-pooled hidden states of every layer of the weak model. */
export function hiddenStates(
  options: { readonly prompt?: PromptForm } = {},
): SignalRequest<'hiddenStates', HiddenStates> {
  const { prompt = 'chat' } = options;
  return { kind: 'hidden-states', key: 'hiddenStates', params: { prompt } };
}

export const hiddenStatesSignal = {
  kind: 'hidden-states',
  title: 'hidden states',
  method: 'read',
  ability: 'hidden-states',
  state: 'hiddenStates',
  shape: ({ hiddenStates: { indices = [], dim = 0 } = {} }) => [indices.length, dim],
  numbers: {
    split: ({ layers, dim, values }: HiddenStates) => ({ shape: [layers, dim], values }),
    join: ({ shape, values }) => ({ layers: shape[0], dim: shape[1], values }),
  },
  keyFacts: ({ hiddenStates: given }) => ({
    layers: given?.indices ?? [],
    ...(given?.unnormalised === undefined ? {} : { unnormalised: given.unnormalised }),
  }),
  // the shape alone where all layers are given as Hugging Face gives them
  weightsInput: (shape, { hiddenStates: { indices = [], unnormalised = [] } = {} }) =>
    unnormalised.length === 0 && indices.every((index, i) => index === i)
      ? shape
      : { shape, layers: indices, unnormalised },
  partial: ({ hiddenStates: { unnormalised = [] } = {} }) =>
    unnormalised.length === 0
      ? null
      : `hidden states before the final norm in layer ${unnormalised.join(', ')}`,
} as const satisfies SignalDefinition;

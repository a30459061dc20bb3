import { VECTOR, type SignalDefinition } from './definition.js';
import type { SignalRequest } from './requests.js';

/** Embedding of the query text: Float32Array[d]; default model of the config: `encoder`. */
export function embedding(
  options: { readonly model?: string } = {},
): SignalRequest<'embedding', Float32Array> {
  return { kind: 'embedding', key: 'embedding', params: { model: options.model ?? 'encoder' } };
}

export const embeddingSignal = {
  kind: 'embedding',
  part: 'embeddings',
  method: 'embed',
  ability: 'embedding',
  shape: ({ embedding: given }) => [given?.dim ?? 0],
  numbers: VECTOR,
  weightsInput: (shape) => shape,
} as const satisfies SignalDefinition;

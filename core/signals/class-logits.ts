import { VECTOR, type SignalDefinition } from './definition.js';
import type { SignalRequest } from './requests.js';

/**
 * Logits of a text classifier for the query text: Float32Array[classes]. `model` names an entry of
 * the config's models; default `classifier`.
 */
export function classLogits(
  options: { readonly model?: string } = {},
): SignalRequest<'classLogits', Float32Array> {
  const { model = 'classifier' } = options;
  return { kind: 'class-logits', key: 'classLogits', params: { model } };
}

export const classLogitsSignal = {
  kind: 'class-logits',
  title: 'class logits',
  method: 'classify',
  ability: 'classification',
  shape: ({ classes }) => [classes ?? 0],
  numbers: VECTOR,
  weightsInput: (shape) => shape,
} as const satisfies SignalDefinition;

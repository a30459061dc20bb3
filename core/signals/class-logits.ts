import { VECTOR, type SignalDefinition } from './definition.js';
import type { SignalRequest } from './requests.js';

/** A classifier's logits for the query text: Float32Array[classes]. Default model: `classifier`. */
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

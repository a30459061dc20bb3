import { VECTOR, type SignalDefinition } from './definition.js';
import type { SignalRequest } from './requests.js';

/** What `choiceLogprobs` needs to know; `template` as for `reply`. */
export interface ChoiceSettings {
  readonly template: string;
  readonly choices: readonly string[];
  readonly model?: string;
}

/** Natural-log probability of each choice after the filled template: Float32Array[choices]. */
export function choiceLogprobs(
  settings: ChoiceSettings,
): SignalRequest<'choiceLogprobs', Float32Array> {
  const params = { ...settings, model: settings.model ?? 'weak' };
  return { kind: 'choice-logprobs', key: 'choiceLogprobs', params };
}

export const choiceLogprobsSignal = {
  kind: 'choice-logprobs',
  title: 'choices',
  method: 'choose',
  ability: 'choice-logprobs',
  choices: ({ choices }) => choices as readonly string[],
  shape: (_model, { choices }) => [(choices as readonly string[]).length],
  numbers: VECTOR,
} as const satisfies SignalDefinition;

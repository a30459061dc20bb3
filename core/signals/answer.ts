import type { Generated } from '../contracts.js';
import type { SignalDefinition } from './definition.js';
import type { SignalRequest } from './requests.js';

/** The weak model's greedy answer. */
export function answer(): SignalRequest<'answer', Generated> {
  return { kind: 'answer', key: 'answer', params: {} };
}

export const answerSignal = {
  kind: 'answer',
  part: 'answers',
  method: 'generate',
  ability: 'generate',
  answers: 'graded',
  readRow: ({ text, tokenLogprobs }: Generated) => ({ text, tokenLogprobs }),
} as const satisfies SignalDefinition;

import type { Generated } from '../contracts.js';
import type { SignalDefinition } from './definition.js';
import type { SignalRequest } from './requests.js';

/** `template` holds `{query}`, and may hold `{answer}`: the weak model's greedy answer. */
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

export const replySignal = {
  kind: 'reply',
  part: 'replies',
  method: 'generate',
  ability: 'generate',
  readRow: ({ texts }: { readonly texts: readonly Generated[] }) => texts[0],
} as const satisfies SignalDefinition;

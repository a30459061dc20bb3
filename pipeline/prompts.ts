/** How a question is put to a model: the prompt around it, and the settings of generation. */
import type { ResolvedConfig } from '../core/config-schema.js';
import type { ModelPrompt } from '../core/contracts.js';

/** The settings of answers to one model. */
export interface Generation {
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
  readonly stop?: readonly string[];
}

/**
 * The chat prompt of a text: the configured system message, if there is one, then the text as the
 * user's message.
 */
export function buildChatPrompt({ generation }: ResolvedConfig, text: string): ModelPrompt {
  const { system } = generation;
  const user = { role: 'user', content: text } as const;
  return {
    form: 'chat',
    messages: system === undefined ? [user] : [{ role: 'system', content: system }, user],
  };
}

/** The generation settings of a model: those of the config, with the model's own over them. */
export function mergeGeneration(config: ResolvedConfig, model: string): Generation {
  const { system: _system, stop, ...shared } = config.generation;
  const overrides = Object.fromEntries(
    Object.entries(config.models[model]?.generation ?? {}).filter(
      ([, value]) => value !== undefined,
    ),
  );
  return { ...shared, ...(stop === undefined ? {} : { stop }), ...overrides };
}

/** The settings of one answer to one question, as the model is asked and the cache is keyed. */
export const answerSettings = (generation: Generation): Generation & { readonly n: number } => ({
  ...generation,
  n: 1,
});

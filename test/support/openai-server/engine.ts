/** The engine of the conformance server: it generates texts, embeds, returns hidden states. */

import type { TokenStates } from './hidden-states.js';

/** One generated token and the likeliest tokens at its position. */
export interface WrittenToken {
  readonly text: string;
  readonly logprob: number;
  readonly top: readonly { readonly text: string; readonly logprob: number }[];
}

/** One generated text. */
export interface Written {
  readonly text: string;
  readonly tokens: readonly WrittenToken[];
  readonly finish: 'stop' | 'length';
}

/** What to continue: a conversation (whose last message may be continued) or a text. */
export type Start =
  | {
      readonly form: 'chat';
      readonly messages: readonly { readonly role: string; readonly content: string }[];
      readonly continueLast: boolean;
    }
  | { readonly form: 'text'; readonly text: string };

/** Settings of generation. */
export interface Writing {
  readonly n: number;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
  readonly stop: readonly string[];
  /** Number of likeliest tokens to return at each position. */
  readonly top: number;
}

/** A model. The server rejects requests for members that it lacks. */
export interface Engine {
  /** Names that it accepts; the first is the default. */
  readonly models: readonly string[];
  readonly write: (
    start: Start,
    writing: Writing,
  ) => Promise<{ readonly promptTokens: number; readonly texts: readonly Written[] }>;
  /** Log-probability of each prompt token; null for the first. */
  readonly promptLogprobs?: (
    start: Start,
  ) => Promise<readonly { readonly id: number; readonly logprob: number | null }[]>;
  readonly embed?: (
    text: string,
  ) => Promise<{ readonly vector: Float32Array; readonly tokens: number }>;
  /** Hidden states of every prompt token, the last layer before the final norm. */
  readonly hiddenStates?: (start: Start) => Promise<TokenStates>;
  readonly close: () => Promise<void>;
}

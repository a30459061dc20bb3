import type { ModelInfo } from './model-info.js';

/** One message of a conversation. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** A conversation for the model's chat template, or plain text. */
export type ModelPrompt =
  | { readonly form: 'chat'; readonly messages: readonly Message[] }
  | { readonly form: 'raw'; readonly text: string };

/** How to generate; temperature 0 = greedy, `n` texts per prompt (default 1). */
export interface GenerateSettings {
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP?: number;
  readonly n?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
}

/** A text that a model wrote; natural-log probability of each token, any end token included. */
export interface Generated {
  readonly text: string;
  readonly tokenLogprobs: readonly number[];
}

/** One generated text; `finish` is `length` where it was cut off at maxTokens. */
export interface Completion extends Generated {
  readonly finish: 'stop' | 'length';
  /** What the model thought before `text`, which has none of it; present where it thought. */
  readonly thinking?: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Recorded grade of a recorded text, null = recorded as ungraded; only scorers see it. */
  readonly recordedGrade?: number | null;
}

/** Tokens of one call as the server counted them; unknown counts are left out, never 0. */
export interface TokenUsage {
  /** All prompt tokens, those from the server's cache included. */
  readonly prompt: number;
  readonly cachedPrompt?: number;
  /** All tokens written, reasoning included, over every text of the call. */
  readonly completion: number;
  readonly reasoning?: number;
  /** Every other count by its path, such as `prompt_tokens_details.audio_tokens`. */
  readonly details?: Readonly<Record<string, number>>;
}

/** What a server did for one prompt. */
export interface CallRecord {
  readonly requestedModel: string;
  /** The model that the reply names; null where it names none. */
  readonly servedModel: string | null;
  /** Null where the reply has none; the cost is unknown then. */
  readonly usage: TokenUsage | null;
  /** Milliseconds from sending the request that was answered to the whole reply. */
  readonly latencyMs: number;
  /** Requests sent, retries included. */
  readonly requests: number;
}

/** A value or a failure, never scored; `call` where a server was asked, else the tokens read. */
export type Outcome<T> = (
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: string; readonly message: string }
) & { readonly call?: CallRecord; readonly promptTokens?: number };

/** How a backend reports progress and is stopped. */
export interface ModelContext {
  readonly signal: AbortSignal;
  /** Takes the number of prompts finished since the last call. */
  readonly advance: (finished: number) => void;
  /** Called before every paid request, with what the prompt took so far; throws over budget. */
  readonly admit?: (paid?: CallRecord) => void | Promise<void>;
}

/** The internal state of a model after a prompt: the members that were requested. */
export interface PromptState {
  /** Float32Array[V] at the last prompt position; or [k]: largest log-probabilities, descending. */
  readonly logits?: Float32Array;
  /** Float32Array[layers · dim]: mean over prompt tokens, in the order of `info().hiddenStates`. */
  readonly hiddenStates?: Float32Array;
}

/** One server of a model. `running`: it ran before this call; `absent`: there was none to stop. */
export interface ServerState {
  readonly url: string;
  readonly state: 'started' | 'running' | 'stopped' | 'absent';
  /** The supervisor's process and its log, where the harness started the server. */
  readonly pid?: number;
  readonly log?: string;
}

/** Starts and stops the servers of a model: `rxb serve` and `rxb stop`. */
export interface Serving {
  /** The shell commands that `start` runs, one per server. */
  readonly commands: () => readonly string[];
  /**
   * Starts the missing servers and waits until all answer; they outlive this process. Where one
   * fails or `signal` is aborted, the started ones are stopped again. @throws HarnessError
   */
  readonly start: (signal: AbortSignal) => Promise<readonly ServerState[]>;
  /** Stops the servers that were started by any process of the harness, and no others. */
  readonly stop: () => Promise<readonly ServerState[]>;
}

/** One outcome for each prompt of a block, in order. */
export type Outcomes<T> = Promise<readonly Outcome<T>[]>;

/** A model backend. Outcomes depend only on the prompts of the call; `close` frees everything. */
export interface Model {
  /** Cheap, and called first. */
  readonly info: () => Promise<ModelInfo>;
  readonly generate?: (
    prompts: readonly ModelPrompt[],
    settings: GenerateSettings,
    context: ModelContext,
  ) => Outcomes<readonly Completion[]>;
  readonly read?: (
    prompts: readonly ModelPrompt[],
    wanted: { readonly logits: boolean; readonly hiddenStates: boolean },
    context: ModelContext,
  ) => Outcomes<PromptState>;
  /** Float32Array[choices] per prompt: natural-log probability of each choice. */
  readonly choose?: (
    prompts: readonly ModelPrompt[],
    choices: readonly string[],
    context: ModelContext,
  ) => Outcomes<Float32Array>;
  /** Float32Array[dim] per text. */
  readonly embed?: (texts: readonly string[], context: ModelContext) => Outcomes<Float32Array>;
  /** Float32Array[classes] per text: logits, before any squashing. */
  readonly classify?: (texts: readonly string[], context: ModelContext) => Outcomes<Float32Array>;
  /** For `rxb doctor`: says in one line that it works. @throws HarnessError with what is missing */
  readonly check?: (signal: AbortSignal) => Promise<string>;
  /** Present where it can run its own servers. */
  readonly serving?: Serving;
  readonly close?: () => Promise<void>;
}

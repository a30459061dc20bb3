/**
 * What the four kinds of plugin promise, and what they are given.
 * Members use property syntax on purpose: method syntax would let a router read a signal it did not
 * declare.
 */
import type { Generated } from './signals/generated.js';
import type { JsonObject } from './util/json.js';

// ----------------------------------------------------------------------------------------------------------
// routers

/**
 * All that a router is shown of one query: its text and the signals it declared. No id, no set, no
 * label, no order. The memory of numbers
 * to score is used again for later rows: a router that has answered keeps no view of them.
 */
export interface RouterInput<Signals> {
  readonly query: { readonly text: string };
  readonly signals: Signals;
}

/** One row to fit on. `label` is 1 where the weak model will do, else 0. */
export interface FitRow<Signals> extends RouterInput<Signals> {
  readonly label: 0 | 1;
}

/**
 * Rows to fit on, in a seeded random order; `blocks` may be called again and again and yields the
 * same rows.
 */
export interface FitData<Signals> {
  readonly rows: number;
  readonly blocks: () => AsyncIterable<readonly FitRow<Signals>[]>;
}

/** A named tensor: row-major values and their shape. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What fitting yields and `restore` takes back; the harness stores it. */
export interface Weights {
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly meta: JsonObject;
}

/** One step of fitting, for the progress display. */
export interface FitProgress {
  readonly epoch: number;
  readonly epochs: number;
  readonly trainLoss?: number;
  readonly validationLoss?: number;
}

/**
 * Where a fit that is stopped keeps what it needs to go on. Going on must end with the same
 * weights, to the byte, as never stopping.
 * The harness throws it away when the fit is done.
 */
export interface FitCheckpoint {
  /** What was saved last, or undefined when the fit begins. */
  readonly load: () => Promise<Weights | undefined>;
  /**
   * Whether enough time has passed since the last one that saving is worth its cost; a fit that is
   * told to stop saves anyway.
   */
  readonly due: () => boolean;
  readonly save: (state: Weights) => Promise<void>;
}

/** What `fit` may use besides its data. All its randomness comes from `seed`. */
export interface FitContext {
  readonly seed: number;
  readonly progress: (step: FitProgress) => void;
  readonly signal: AbortSignal;
  /** Absent where nothing can be kept, as in a test. */
  readonly checkpoint?: FitCheckpoint;
  /** Cores that this fit may keep busy; one where absent. The weights must not depend on it. */
  readonly cores?: number;
}

/**
 * Confidence that the weak model will do: larger = keep the weak model. Any finite number, before
 * any squashing;
 * null = no opinion. NaN and infinities are errors.
 */
export type Confidence = number | null;

/**
 * Looks at a query and says how sure it is that the weak model will answer it well enough.
 * It has `score` or `scoreBatch`, one of the two; scoring is pure: no I/O, clock or randomness.
 * A router that learns has `fit` and `restore`; `restore` is called before any scoring.
 */
export interface Router<Signals> {
  readonly score?: (input: RouterInput<Signals>) => Confidence;
  readonly scoreBatch?: (
    inputs: readonly RouterInput<Signals>[],
  ) => readonly Confidence[] | Promise<readonly Confidence[]>;
  readonly fit?: (
    train: FitData<Signals>,
    validation: FitData<Signals>,
    context: FitContext,
  ) => Promise<Weights>;
  readonly restore?: (weights: Weights) => void | Promise<void>;
}

// ---------------------------------------------------------------------------------------------------------
// datasets

/**
 * One question of a dataset. `id` is unique in its split; `cluster` groups rows that are not
 * independent of each other.
 */
export interface DatasetRow {
  readonly id: string;
  readonly prompt: string;
  /** The right answer, or several that are equally right; an empty list where none is known. */
  readonly reference: string | readonly string[];
  readonly domain: string;
  readonly group?: string;
  readonly cluster?: string;
  /** The options of a multiple-choice question, in order. */
  readonly choices?: readonly string[];
  /**
   * What the user says further on, after each answer, in sets of several turns. Routers decide on
   * the prompt.
   */
  readonly turns?: readonly string[];
  /** Temperature at which models answer this question, in place of the configured one. */
  readonly temperature?: number;
  /**
   * What models did on this question, by the names the dataset knows them by; for sets that were
   * recorded elsewhere.
   */
  readonly recorded?: Readonly<Record<string, RecordedOutcome>>;
}

/**
 * What a model did on one question when somebody asked it. A member that is left out was not
 * recorded.
 */
export interface RecordedOutcome {
  /** In the scale of the dataset; null with `reason` where there is none. */
  readonly grade: number | null;
  readonly reason?: string;
  readonly text?: string;
  readonly usage?: TokenUsage;
  /** What the call cost, in US dollars. */
  readonly cost?: number;
}

/** A set of questions. Reading a split twice yields the same rows in the same order. */
export interface Dataset {
  readonly read: (split: string) => AsyncIterable<DatasetRow> | Iterable<DatasetRow>;
  /**
   * Other wordings of a row's prompt, where the set has them: each asks the same and has the same
   * reference. None is the prompt of a row, in any split, so that
   * nobody was fitted on one. The same row gives the same wordings; an empty list where there is
   * none.
   */
  readonly paraphrases?: (row: DatasetRow) => readonly string[] | Promise<readonly string[]>;
}

// ----------------------------------------------------------------------------------------------------------
// scorers

/**
 * A grade within the scorer's scale, or null with the reason why there is none. Null is never
 * counted as 0 in the headline.
 */
export type Grade = { readonly value: number } | { readonly value: null; readonly reason: string };

/**
 * What a scorer may use: models by their name in the config (judges), through the same stored path
 * as everything else.
 */
export interface GradeContext {
  readonly ask: (
    model: string,
    prompt: ModelPrompt,
    settings: GenerateSettings,
  ) => Promise<Outcome<Completion>>;
}

/**
 * Grades an answer against a question's reference. Same input, same grade. `facts` says what
 * decides its grades besides options and
 * models, such as the hash of a prompt read from a file: it is asked once, before anything costs
 * time, is part of artifact keys and stands in results.
 */
export interface Scorer {
  readonly facts?: () => JsonObject | Promise<JsonObject>;
  readonly grade: (
    row: DatasetRow,
    answer: GradedAnswer,
    context: GradeContext,
  ) => Grade | Promise<Grade>;
}

// -----------------------------------------------------------------------------------------------------------
// models

/** One message of a conversation. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** What a model is asked: a conversation that goes through its chat template, or text as it is. */
export type ModelPrompt =
  | { readonly form: 'chat'; readonly messages: readonly Message[] }
  | { readonly form: 'raw'; readonly text: string };

/**
 * How to generate. `temperature` 0 = greedy. `n` texts a prompt; sampling draws from `seed`, so the
 * same seed gives the same texts.
 */
export interface GenerateSettings {
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP?: number;
  readonly n?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
}

/**
 * One generated text and what it took. `finish` says whether the model stopped by itself or was cut
 * at maxTokens.
 */
export interface Completion extends Generated {
  readonly finish: 'stop' | 'length';
  readonly promptTokens: number;
  readonly completionTokens: number;
  /**
   * The grade that was recorded with a recorded text, null where it was recorded as ungraded. Only
   * a scorer sees it.
   */
  readonly recordedGrade?: number | null;
}

/** What a scorer grades. `further`: the answers to the row's further turns, in order. */
export type GradedAnswer = Pick<Completion, 'text' | 'recordedGrade'> & {
  readonly further?: readonly string[];
};

/**
 * Tokens of one call by kind, as the server counted them. A kind that it does not tell is left out,
 * never 0.
 */
export interface TokenUsage {
  /** All prompt tokens, those read from the server's cache included. */
  readonly prompt: number;
  readonly cachedPrompt?: number;
  /** All tokens written, reasoning included, over every text of the call. */
  readonly completion: number;
  readonly reasoning?: number;
  /** Every other count of the reply, by its path, such as `prompt_tokens_details.audio_tokens`. */
  readonly details?: Readonly<Record<string, number>>;
}

/** What one prompt took at a server: who answered, what it billed, how long it was. */
export interface CallRecord {
  readonly requestedModel: string;
  /** The model that the reply names; null where it names none. */
  readonly servedModel: string | null;
  /** Null where the reply does not tell: then the cost is unknown too. */
  readonly usage: TokenUsage | null;
  /** Milliseconds from sending to the whole reply, of the request that was answered. */
  readonly latencyMs: number;
  /** Requests sent for it, retries included. */
  readonly requests: number;
}

/**
 * What came of one request: a value, or a failure that is recorded and counted, never scored.
 * `call` is there where a server was asked.
 */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T; readonly call?: CallRecord }
  | {
      readonly ok: false;
      readonly code: string;
      readonly message: string;
      readonly call?: CallRecord;
    };

/** What a model says of itself, without generating anything. */
export interface ModelInfo {
  /** Name for humans. */
  readonly name: string;
  /**
   * Hash of all that decides its output (weights, tokenizer, template, settings): part of every
   * artifact key.
   */
  readonly fingerprint: string;
  /** Length of a logits vector, where the model gives whole logits. */
  readonly vocabulary?: number;
  /**
   * The hidden states it gives: layer indices in Hugging Face order (0 = embedding output) and
   * their width.
   */
  readonly hiddenStates?: {
    readonly indices: readonly number[];
    readonly dim: number;
    /**
     * Those of the indices whose states are given before a norm that Hugging Face puts on them,
     * such as the last one of vLLM; left out = none.
     */
    readonly unnormalised?: readonly number[];
  };
  /** Width of its text embeddings, where it gives any. */
  readonly embedding?: { readonly dim: number };
  /** Number of classes, where it is a text classifier. */
  readonly classes?: number;
  /**
   * The splits it was fine-tuned on, with the hash of their prompts, where the model says so: a run
   * that tests on one of them is refused.
   */
  readonly trainedOn?: readonly {
    readonly dataset: string;
    readonly split: string;
    readonly prompts: string;
  }[];
  readonly can: readonly ModelAbility[];
  /**
   * Why it cannot do what models of its kind can, as the end of a sentence: told where a router
   * asks for it.
   */
  readonly lacks?: Readonly<Partial<Record<ModelAbility, string>>>;
  /**
   * How many of the largest log-probabilities of the next token it gives, where it gives no whole
   * logits.
   */
  readonly topLogprobs?: number;
  /**
   * There where asking costs money or somebody else's time: how many prompts it can work on at
   * once. `here`: what it does in this process all the same, at no cost.
   */
  readonly remote?: { readonly concurrency: number; readonly here?: readonly ModelMethod[] };
  /**
   * The name under which datasets hold what this model did, and US dollars per million tokens: it
   * is never asked, its answers are those of the dataset.
   */
  readonly recorded?: {
    readonly name: string;
    readonly price?: { readonly prompt: number; readonly completion: number };
  };
  /** Notes for run.json, such as the execution provider. */
  readonly notes?: JsonObject;
}

/**
 * What a model backend may be able to do. `top-logprobs`: the largest log-probabilities of the next
 * token, in place of logits.
 */
export type ModelAbility =
  | 'generate'
  | 'logits'
  | 'top-logprobs'
  | 'hidden-states'
  | 'choice-logprobs'
  | 'embedding'
  | 'classification';

/** A way to ask a model. */
export type ModelMethod = 'generate' | 'read' | 'choose' | 'embed' | 'classify';

/** Where a backend tells how far it is, and where it is told to stop. */
export interface ModelContext {
  readonly signal: AbortSignal;
  /** Called with the number of prompts finished since the last call. */
  readonly advance: (finished: number) => void;
  /**
   * Called before every request that costs something goes out; what it throws ends the work on that
   * prompt (the budget is spent).
   */
  readonly admit?: () => void | Promise<void>;
}

/**
 * The internal state of a model after reading a prompt; a member is there when it was asked for.
 */
export interface PromptState {
  /**
   * Float32Array[V] at the last prompt position; of a model that gives only the largest k: their
   * log-probabilities, Float32Array[k], falling.
   */
  readonly logits?: Float32Array;
  /** Float32Array[layers · dim], mean over prompt tokens, in the order of the card's indices. */
  readonly hiddenStates?: Float32Array;
}

/**
 * One server of a model. `started`: by this call; `running`: found there; `stopped`: by this call;
 * `absent`: nothing was there that could be stopped.
 */
export interface ServerState {
  readonly url: string;
  readonly state: 'started' | 'running' | 'stopped' | 'absent';
  /** Process that looks after it, and its log, where the harness has started it. */
  readonly pid?: number;
  readonly log?: string;
}

/** What a backend has that can run the servers of its model itself: `rxb serve` and `rxb stop`. */
export interface Serving {
  /** What `start` runs, one command a server, as a shell takes it; starts nothing. */
  readonly commands: () => readonly string[];
  /**
   * Starts the servers that are not there yet and waits until all of them answer; they outlive this
   * process. Where one fails, or the
   * signal is aborted, those that were started are stopped again. @throws HarnessError
   */
  readonly start: (signal: AbortSignal) => Promise<readonly ServerState[]>;
  /** Stops what was started, by this process or another, and nothing else. */
  readonly stop: () => Promise<readonly ServerState[]>;
}

/**
 * A model backend. Every method takes a block of prompts and returns one outcome each, in the order
 * of the prompts; the outcome
 * of a block depends on nothing but the block. `card` is cheap and is called before anything else;
 * `close` frees everything.
 */
export interface Model {
  readonly info: () => Promise<ModelInfo>;
  readonly generate?: (
    prompts: readonly ModelPrompt[],
    settings: GenerateSettings,
    context: ModelContext,
  ) => Promise<readonly Outcome<readonly Completion[]>[]>;
  readonly read?: (
    prompts: readonly ModelPrompt[],
    wanted: { readonly logits: boolean; readonly hiddenStates: boolean },
    context: ModelContext,
  ) => Promise<readonly Outcome<PromptState>[]>;
  readonly choose?: (
    prompts: readonly ModelPrompt[],
    choices: readonly string[],
    context: ModelContext,
  ) => Promise<readonly Outcome<Float32Array>[]>;
  readonly embed?: (
    texts: readonly string[],
    context: ModelContext,
  ) => Promise<readonly Outcome<Float32Array>[]>;
  /** Float32Array[classes] a text: logits, before any squashing. */
  readonly classify?: (
    texts: readonly string[],
    context: ModelContext,
  ) => Promise<readonly Outcome<Float32Array>[]>;
  /**
   * Looks whether it could answer now, for `rxb doctor`: one line in words. @throws HarnessError
   * saying what is missing.
   */
  readonly check?: (signal: AbortSignal) => Promise<string>;
  /** There where it can run servers of its own. */
  readonly serving?: Serving;
  readonly close?: () => Promise<void>;
}

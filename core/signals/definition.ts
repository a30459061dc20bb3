import type {
  GenerateSettings,
  ModelAbility,
  ModelInfo,
  ModelMethod,
  PromptState,
} from '../contracts.js';
import type { Json, JsonObject } from '../util/json.js';
import type { SignalRequest } from './requests.js';

/** How a value is taken apart into numbers, row by row, and put together again. */
export interface NumbersCodec {
  readonly split: (value: never) => ShapedNumbers;
  readonly join: (numbers: ShapedNumbers) => unknown;
}

/** Numbers and their shape. */
type ShapedNumbers = { readonly shape: readonly number[]; readonly values: Float32Array };

/** The codec of values that are a Float32Array. */
export const VECTOR: NumbersCodec = {
  split: (values: Float32Array) => ({ shape: [values.length], values }),
  join: ({ values }) => values,
};

/** What the harness knows of one kind of signal. Each kind has its own file beside this one. */
export interface SignalDefinition {
  /** Its name in requests, in artifact keys and in the plugin protocol. */
  readonly kind: string;
  /** Its name for `rxb prepare --only`; left out = the kind. */
  readonly part?: string;
  /** What is made, in words, for the progress display; left out = the part. */
  readonly title?: string;
  /** How a model is asked for it, and what the model must be able to do. */
  readonly method: ModelMethod;
  readonly ability: ModelAbility;
  /** An ability that gives a part of it: enough for requests with a small enough `top`. */
  readonly partialAbility?: ModelAbility;
  /** Method `read`: the member of the prompt state that holds it. */
  readonly state?: keyof PromptState;
  /** Method `generate`: left out = one reply, as `maxTokens` and `temperature` of `params` say. */
  readonly generation?: (params: JsonObject) => GenerateSettings;
  /** Method `choose`: the continuations. */
  readonly choices?: (params: JsonObject) => readonly string[];
  /** It holds answers of the weak model: the graded one, which is stored as such, or samples. */
  readonly answers?: 'graded' | 'sampled';
  /** The `samples` request that it is made from. */
  readonly samples?: (params: JsonObject) => SignalRequest;
  /** Some replies may be impossible to read; they are counted. */
  readonly countsUnread?: true;
  /** Prompts for each row of n samples, for the dry run; left out = one. */
  readonly promptsPerRow?: (n: number) => Readonly<Record<'low' | 'expected' | 'high', number>>;
  /** Shape of a row, for kinds that are stored as tensors. */
  readonly shape?: (info: ModelInfo, params: JsonObject) => readonly number[];
  /** The value in a stored row, for kinds that are stored as JSON. */
  readonly readRow?: (row: never) => unknown;
  /** Left out where values are texts. */
  readonly numbers?: NumbersCodec;
  /** What of a model's capabilities is part of the artifact key, beside its fingerprint. */
  readonly keyFacts?: (info: ModelInfo) => JsonObject;
  /** What fitted weights record of their input, so that another input is refused. */
  readonly weightsInput?: (shape: readonly number[], info: ModelInfo) => Json;
  /** What is missing where a model gives only a part of it, in words; null where nothing is. */
  readonly partial?: (info: ModelInfo) => string | null;
}

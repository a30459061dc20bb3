/** What the thread that reads a model folder and its caller send each other. */
import type { ErrorData, ModelPrompt } from '../../../core/index.js';
import type { ModelFolder, SettingsFolder } from './folder.js';
import type { Layout } from './layout.js';
import type { OnnxOptions } from './options.js';
import type { EncodedPrompt } from './prompt.js';

/** The options that decide how a prompt becomes tokens. */
export type TextOptions = Pick<
  OnnxOptions,
  'chatTemplate' | 'templateArguments' | 'system' | 'maxPromptTokens'
>;

/** The options that decide which graph is read, and how. */
export type GraphOptions = Pick<OnnxOptions, 'dtype' | 'file' | 'hiddenStates'>;

/** A request: to open the folder first, then texts and tokens. */
export type TextRequest =
  | {
      readonly open: string;
      readonly options: TextOptions;
      /** Null where the folder needs no graph. */
      readonly graph: GraphOptions | null;
    }
  | { readonly prompts: readonly ModelPrompt[] }
  | { readonly texts: readonly string[] }
  | { readonly words: readonly string[] }
  | { readonly ids: readonly (readonly number[])[] };

/** Settings of a folder without its tokenizer, which stays in the thread. */
export interface OpenedFolder {
  readonly settings: Omit<SettingsFolder, 'tokenizer'>;
  readonly graph: Pick<ModelFolder, 'modelFile' | 'weightBytes'> | null;
  readonly layout: Layout | null;
  /** Maximum tokens of a prompt. */
  readonly limit: number;
}

/** The answer to a request, by what was asked. */
export type TextReply =
  | { readonly opened: OpenedFolder }
  | { readonly encoded: readonly EncodedPrompt[] }
  | { readonly ids: readonly (readonly number[])[] }
  | { readonly texts: readonly string[] }
  | { readonly error: ErrorData };

import type { JsonObject } from '../util/json.js';

/** What a model can provide; `top-logprobs`: the largest log-probabilities instead of logits. */
export type ModelAbility =
  | 'generate'
  | 'logits'
  | 'top-logprobs'
  | 'hidden-states'
  | 'choice-logprobs'
  | 'embedding'
  | 'classification';

/** The methods of a model that take prompts. */
export type ModelMethod = 'generate' | 'read' | 'choose' | 'embed' | 'classify';

/** Facts about a model, known without generating anything. */
export interface ModelInfo {
  /** Name for people. */
  readonly name: string;
  /** Hash of all that decides its output (weights, template, …); part of artifact keys. */
  readonly fingerprint: string;
  /** Length of a logits vector, where the model gives whole logits. */
  readonly vocabulary?: number;
  /** Layer indices in Hugging Face order (0 = embedding output) and the width of each. */
  readonly hiddenStates?: {
    readonly indices: readonly number[];
    readonly dim: number;
    /** Indices given before a norm that Hugging Face applies, such as vLLM's last; default none. */
    readonly unnormalised?: readonly number[];
  };
  /** Width of its text embeddings. */
  readonly embedding?: { readonly dim: number };
  /** Number of classes of a text classifier. */
  readonly classes?: number;
  /** Splits it was fine-tuned on and their prompts' hash; runs that test on one are refused. */
  readonly trainedOn?: readonly {
    readonly dataset: string;
    readonly split: string;
    readonly prompts: string;
  }[];
  readonly can: readonly ModelAbility[];
  /** Why it lacks an ability, as the end of a sentence; shown where a router needs it. */
  readonly lacks?: Readonly<Partial<Record<ModelAbility, string>>>;
  /** How many of the largest log-probabilities it gives, where it gives no whole logits. */
  readonly topLogprobs?: number;
  /**
   * Present where asking costs money or another machine's time: prompts it can process at once, and
   * in `here` the methods that run in this process at no cost; `servers`: a hash of addresses.
   */
  readonly remote?: {
    readonly concurrency: number;
    readonly here?: readonly ModelMethod[];
    readonly servers?: string;
  };
  /**
   * Present where answers come from datasets and the model is never asked: the name under which
   * datasets hold its outcomes, and US dollars per million tokens.
   */
  readonly recorded?: {
    readonly name: string;
    readonly price?: { readonly prompt: number; readonly completion: number };
  };
  /** Notes for run.json, such as the execution provider. */
  readonly notes?: JsonObject;
}

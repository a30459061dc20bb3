/**
 * Logits of the weak model over the whole vocabulary at the last prompt position: Float32Array[V],
 * unnormalised; or, where the request allows it, its largest log-probabilities.
 */
export type Logits = Float32Array;

/**
 * Hidden states of the weak model, each layer averaged over the prompt tokens.
 * `values` is Float32Array[layers · dim], row by row; row 0 is the embedding output and the last
 * row stands after the
 * final norm (Hugging Face order), so a model of L blocks has `layers` = L + 1.
 */
export interface HiddenStates {
  readonly layers: number;
  readonly dim: number;
  readonly values: Float32Array;
}

/**
 * A text that a model wrote, with the natural-log probability of each of its tokens (end token
 * included where there is one).
 */
export interface Generated {
  readonly text: string;
  readonly tokenLogprobs: readonly number[];
}

/** Embeddings of n samples: Float32Array[n · dim], row by row. */
export interface SampleEmbeddings {
  readonly n: number;
  readonly dim: number;
  readonly values: Float32Array;
}

/**
 * n × n judgements between samples, row by row: values[i·n + j] is 1 where sample i entails sample
 * j, 0 where it does not, and NaN
 * where the model's reply was neither yes nor no.
 */
export interface Entailment {
  readonly n: number;
  readonly values: Float32Array;
}

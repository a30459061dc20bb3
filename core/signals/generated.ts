/**
 * A text that a model wrote, with the natural-log probability of each of its tokens (end token
 * included where there is one).
 */
export interface Generated {
  readonly text: string;
  readonly tokenLogprobs: readonly number[];
}

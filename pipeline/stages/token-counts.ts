/** What stored text signals hold, and what they took. */

/** What a row of a signal took: requests, and the tokens of all of them together. */
export interface TokenCounts {
  readonly requests: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** A stored text signal; a failed request is recorded and reaches no router. */
export type TextRow =
  | ({
      readonly id: string;
      readonly texts: readonly {
        readonly text: string;
        readonly tokenLogprobs: readonly number[];
      }[];
      /** What the model thought before each text; absent where it thought before none. */
      readonly thinking?: readonly (string | null)[];
    } & TokenCounts)
  | { readonly id: string; readonly error: { readonly code: string; readonly message: string } };

/** What stored signals and answers took: requests and tokens. */
import type { CallRecord, Completion, Outcome, TokenUsage } from '../../core/contracts.js';

/**
 * What a row of a signal took: requests, and the tokens of all of them together. `usage` is what a
 * server counted, null where it did not say; left out where no server was asked.
 */
export interface TokenCounts {
  readonly requests: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly usage?: TokenUsage | null;
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

/** The tokens of two calls together; null where those of one are not known. */
export function addUsage(
  a: CallRecord['usage'],
  b: CallRecord['usage'] | undefined,
): CallRecord['usage'] {
  if (a === null || b === undefined || b === null) return null;
  return {
    prompt: a.prompt + b.prompt,
    cachedPrompt: (a.cachedPrompt ?? 0) + (b.cachedPrompt ?? 0),
    completion: a.completion + b.completion,
    reasoning: (a.reasoning ?? 0) + (b.reasoning ?? 0),
  };
}

/** What the requests of a row took together, one outcome each. */
export function countTokens(
  outcomes: readonly Extract<Outcome<readonly Completion[]>, { readonly ok: true }>[],
): TokenCounts {
  const sum = { promptTokens: 0, completionTokens: 0 };
  const calls = outcomes.flatMap(({ call }) => (call === undefined ? [] : [call.usage]));
  for (const { value } of outcomes) {
    sum.promptTokens += value[0]?.promptTokens ?? 0; // one reading for all of its texts
    for (const { completionTokens } of value) sum.completionTokens += completionTokens;
  }
  const [first, ...others] = calls;
  return {
    requests: outcomes.length,
    ...sum,
    ...(first === undefined ? {} : { usage: others.reduce(addUsage, first) }),
  };
}

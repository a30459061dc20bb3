import { RequestFailure } from './failure.js';
import type { Reply } from './reply.js';

/** Log-probability of each prompt token, as in vLLM's `prompt_logprobs`; null for the first. */
export function promptLogprobs({ prompt_logprobs: given }: Reply): readonly (number | null)[] {
  if (!Array.isArray(given))
    throw new RequestFailure(
      'rejected',
      'the reply has no prompt_logprobs (vLLM gives them; others do not)',
    );
  return given.map((entry: Readonly<Record<string, { readonly logprob: number }>> | null) => {
    if (entry === null) return null;
    const values = Object.values(entry);
    if (values.length !== 1 || values[0] === undefined)
      throw new RequestFailure(
        'rejected',
        `prompt_logprobs has ${values.length} tokens at one position instead of 1`,
      );
    return values[0].logprob;
  });
}

/**
 * Sum over the tokens of `longer` after the first `tokens`.
 * @throws RequestFailure if there are none.
 */
export function continuation(longer: readonly (number | null)[], tokens: number): number {
  const continuationTokens = longer.slice(tokens);
  if (continuationTokens.length === 0)
    throw new RequestFailure('rejected', 'the choice has no tokens of its own');
  return Math.min(
    0,
    continuationTokens.reduce<number>((sum, value) => sum + (value ?? 0), 0),
  );
}

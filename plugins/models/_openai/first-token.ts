import { RequestFailure } from './failure.js';
import { parseChoices, type Reply, type ReplyToken } from './reply.js';

/**
 * The likeliest first tokens of a reply, likeliest first.
 * @throws RequestFailure if the server returns none.
 */
function likeliest(reply: Reply): readonly ReplyToken[] {
  const [choice] = parseChoices(reply, 1);
  const chat = choice?.logprobs?.content?.[0]?.top_logprobs;
  const completions = choice?.logprobs?.top_logprobs?.[0];
  const tokens =
    chat ??
    (completions === undefined || completions === null
      ? undefined
      : Object.entries(completions).map(([token, logprob]) => ({ token, logprob })));
  if (tokens === undefined || tokens.length === 0)
    throw new RequestFailure(
      'rejected',
      'the reply has no log-probabilities of its first token (does the server give top_logprobs?)',
    );
  return tokens
    .filter(({ logprob }) => Number.isFinite(logprob))
    .sort((a, b) => b.logprob - a.logprob);
}

/**
 * The `k` largest log-probabilities, in descending order.
 * @throws RequestFailure if there are fewer.
 */
export function largest(reply: Reply, k: number): Float32Array {
  const tokens = likeliest(reply);
  if (tokens.length < k)
    throw new RequestFailure(
      'rejected',
      `the reply has ${tokens.length} of the ${k} likeliest tokens (topLogprobs)`,
    );
  return Float32Array.from(tokens.slice(0, k), ({ logprob }) => Math.min(0, logprob));
}

/**
 * Log-probability of each choice as the first token. Exact if a choice is one token and among the
 * likeliest, otherwise rejected: a longer choice would need the tokens after the first.
 */
export function chosenFirst(reply: Reply, choices: readonly string[]): Float32Array {
  const tokens = likeliest(reply);
  return Float32Array.from(choices, (choice) => {
    const found = tokens.find(({ token }) => token === choice);
    if (found === undefined)
      throw new RequestFailure(
        'rejected',
        `the choice ${JSON.stringify(choice)} is not among the ${tokens.length} likeliest first tokens`,
      );
    return Math.min(0, found.logprob);
  });
}

import type { Completion, TokenUsage } from '../../../core/index.js';
import { RequestFailure } from './failure.js';
import { readMessage } from './message.js';
import { parseChoices, type Reply, type ReplyChoice } from './reply.js';

const FINISH: Readonly<Record<string, Completion['finish']>> = {
  stop: 'stop',
  length: 'length',
  eos: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
};

const parseLogprobs = ({ logprobs }: ReplyChoice): readonly number[] => {
  const given = logprobs?.content?.map(({ logprob }) => logprob) ?? logprobs?.token_logprobs ?? [];
  // rounding on the server can make the log-probability of a certain token slightly positive
  return given
    .filter((value): value is number => typeof value === 'number' && Number.isFinite(value))
    .map((value) => Math.min(0, value));
};

/**
 * The texts of a reply.
 * @throws RequestFailure if there is none, or one ended neither by itself nor at the limit (a
 * content filter, a tool call).
 */
export function parseCompletions(
  reply: Reply,
  n: number,
  usage: TokenUsage | null,
): readonly Completion[] {
  const choices = parseChoices(reply, n);
  const given = choices.length;
  return choices.map((choice) => {
    const reason = choice.finish_reason ?? 'stop';
    const finish = FINISH[reason];
    if (finish === undefined)
      throw new RequestFailure('rejected', `the answer ended with "${reason}"`);
    const read = choice.text === undefined ? readMessage(choice.message) : { text: choice.text };
    const tokenLogprobs = parseLogprobs(choice);
    // Servers count tokens per request, not per text: only log-probabilities show the counts of
    // several texts.
    const completionTokens =
      given === 1 || tokenLogprobs.length === 0
        ? Math.round((usage?.completion ?? 0) / given)
        : tokenLogprobs.length;
    return { ...read, tokenLogprobs, finish, promptTokens: usage?.prompt ?? 0, completionTokens };
  });
}

import type { Completion, TokenUsage } from '../../../core/index.js';
import { RequestFailure } from './failure.js';
import { readMessage } from './message.js';
import { parseChoices, type Reply, type ReplyChoice } from './reply.js';

/** Reasons that servers give for a complete answer. */
const COMPLETE = /^(?:stop|eos|eos_token|end_turn|stop_sequence|complete|completed|finished)?$/i;
const CUT_OFF = /^(?:length|max_?(?:output_?|completion_?)?tokens|max_?length|limit)$/i;
/** Words in reasons that mean that there is no answer, whatever text there is. */
const NO_ANSWER = new RegExp(
  [
    'filter|tool|function|error|fail|abort|cancel|interrupt|timeout|safety|moderat|refus|block',
    'prohibit|recitation|spii|malformed|flagged|policy|disconnect|overload',
  ].join('|'),
  'i',
);

/**
 * How an answer ended. A reason that nobody knows is that of a complete answer where there is text.
 * @throws RequestFailure for a reason that means that there is no answer
 */
function readFinish(
  reason: string,
  hasText: boolean,
  onUnknown: (reason: string) => void,
): Completion['finish'] {
  if (COMPLETE.test(reason)) return 'stop';
  if (CUT_OFF.test(reason)) return 'length';
  if (NO_ANSWER.test(reason) || !hasText)
    throw new RequestFailure(
      'rejected',
      `the answer ended with ${JSON.stringify(reason.slice(0, 80))}`,
    );
  onUnknown(reason);
  return 'stop';
}

const parseLogprobs = ({ logprobs }: ReplyChoice): readonly number[] => {
  const given = logprobs?.content?.map(({ logprob }) => logprob) ?? logprobs?.token_logprobs ?? [];
  // rounding on the server can make the log-probability of a certain token slightly positive
  return given
    .filter((value): value is number => typeof value === 'number' && Number.isFinite(value))
    .map((value) => Math.min(0, value));
};

/**
 * The texts of a reply. `onUnknown` is told of reasons to end that are not known.
 * @throws RequestFailure if there is none, or one ended neither by itself nor at the limit (a
 * content filter, a tool call).
 */
export function parseCompletions(
  reply: Reply,
  n: number,
  usage: TokenUsage | null,
  onUnknown: (reason: string) => void = () => {},
): readonly Completion[] {
  const choices = parseChoices(reply, n);
  const given = choices.length;
  return choices.map((choice) => {
    const { text, message } = choice;
    const read = typeof text === 'string' ? { text } : readMessage(message ?? undefined);
    const finish = readFinish(choice.finish_reason ?? 'stop', read.text !== '', onUnknown);
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

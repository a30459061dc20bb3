/** Answers that state nothing a scorer can read: why, and what they count as. */
import type { ResolvedConfig } from '../../core/config-schema.js';
import type { Completion } from '../../core/contracts.js';

/** What they count as: the lowest grade, or none. */
export type UnreadPolicy = ResolvedConfig['protocol']['unread'];

/** What of a stored answer tells whether it was thought about, and cut off. */
export type Thought = Pick<Completion, 'text' | 'thinking' | 'recordedGrade'> &
  Partial<Pick<Completion, 'finish'>> & {
    readonly usage?: { readonly reasoning?: number } | null | undefined;
  };

const isBlank = (text: string): boolean => text.trim() === '';

/** Whether a model thought before it answered, as its text or the count of its tokens shows. */
export const hasThought = ({ thinking, usage }: Thought): boolean =>
  thinking !== undefined || (usage?.reasoning ?? 0) > 0;

/** Whether all it wrote was a thought: the token limit, or its own end, came before the answer. */
export const onlyThought = (answer: Thought): boolean => hasThought(answer) && isBlank(answer.text);

/**
 * Why an answer cannot be read, whatever scorer tries; undefined if it has a text. A recorded grade
 * needs no text.
 */
export function findUnreadable(answer: Thought): string | undefined {
  if (answer.recordedGrade !== undefined || !onlyThought(answer)) return undefined;
  return answer.finish === 'stop'
    ? 'the model thought, but gave no answer'
    : 'the thought was cut off by the token limit';
}

/** The reasons of scorers, with the limit as the cause where the answer reached it. */
export const addLimit = (reason: string, { finish }: Thought): string =>
  finish === 'length' ? `${reason}; the answer was cut off by the token limit` : reason;

/** The prompts of the judges, in our wording. Increase the version with every change. */
import { promptHash } from './prompt-hash.js';

/** Version of the wordings below. */
export const VERSION = 1;

const SCALE = `Give one whole number from 1 to 10: 1 is useless or wrong, 5 helps in part, 10 could hardly be better.
Judge whether it is correct, whether it does what was asked, and whether it is clear and complete. Length alone is no merit, and neither is a confident tone.
First give your reasons in a few sentences. End with the number in double square brackets on a line of its own, such as: Rating: [[7]]`;

/** Rating of one answer. */
export const RATING = `You are shown a request and an answer to it. Say how good the answer is.
${SCALE}

<request>
{question}
</request>

<answer>
{answer}
</answer>`;

/** Rating of one answer beside an answer that is known to be good. */
export const REFERENCE = `You are shown a request, an answer that is known to be right, and an answer to be judged. Say how good the judged answer is. It may be worded otherwise than the known one, and it may go another way, as long as it is right.
${SCALE}

<request>
{question}
</request>

<known-answer>
{reference}
</known-answer>

<judged-answer>
{answer}
</judged-answer>`;

/** Which of two answers is better. */
export const PAIRWISE = `You are shown a request and two answers to it, A and B. Say which answer serves the request better.
Judge whether they are correct, whether they do what was asked, and whether they are clear and complete. Neither their order, nor their length, nor their tone counts.
First give your reasons in a few sentences. End with your verdict in double square brackets on a line of its own: [[A]] where A is better, [[B]] where B is better, [[C]] where neither is.

<request>
{question}
</request>

<answer-A>
{first}
</answer-A>

<answer-B>
{second}
</answer-B>`;

/** Rating of the last answer of a conversation. */
export const TURN = `You are shown a conversation between a user and an assistant. Say how good the assistant's last answer is, given all that was said before it.
${SCALE}

<conversation>
{conversation}
</conversation>`;

/** The same, beside answers that are known to be good. */
export const TURN_REFERENCE = `You are shown a conversation between a user and an assistant, and the same conversation with answers that are known to be right. Say how good the assistant's last answer is, given all that was said before it.
${SCALE}

<known-conversation>
{reference}
</known-conversation>

<conversation>
{conversation}
</conversation>`;

/** What is added when a reply could not be read. */
export const AGAIN = {
  rating:
    'Your last reply held no number in double square brackets. Reply with nothing but the number, such as [[7]].',
  verdict:
    'Your last reply held no verdict in double square brackets. Reply with nothing but [[A]], [[B]] or [[C]].',
} as const;

/** Hash of all wordings: it is part of results. */
export const HASH = promptHash(
  RATING,
  REFERENCE,
  PAIRWISE,
  TURN,
  TURN_REFERENCE,
  AGAIN.rating,
  AGAIN.verdict,
);

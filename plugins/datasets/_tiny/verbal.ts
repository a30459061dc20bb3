/**
 * The verbal requests about a question that the decoders learn to answer, in addition to the
 * question itself.
 */
export const VERBAL = {
  /** Answered with a number from 0 to 100. */
  sureness:
    '{query}\nHow sure are you that you can answer this? Reply with a number from 0 to 100.',
  /** Answered with `true` or `false`. */
  truth: '{query}\nProposed answer: {answer}\nIs the proposed answer true or false?',
  /** Answered with a number from 0 to 1. */
  difficulty: '{query}\nHow difficult is this question? Reply with a number from 0 to 1.',
} as const;

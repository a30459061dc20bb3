/** Code of a signal row whose answer, which it is made from, failed. */
export const NO_ANSWER_CODE = 'no-answer';

/** Code of a signal row whose samples failed. */
export const NO_SAMPLES_CODE = 'no-samples';

/** How the reason of a missing grade begins where the answer failed. */
export const NO_ANSWER = 'no answer: ';

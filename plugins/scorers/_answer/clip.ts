/**
 * Number of characters of an answer that are read, from its start and from its end: grading must
 * not take seconds because a model never stopped.
 */
const [START, END] = [10_000, 30_000];

/**
 * The part of an answer that is read: all of it, or its first 10,000 and last 30,000 characters.
 */
export const clipped = (text: string): string =>
  text.length <= START + END ? text : `${text.slice(0, START)}\n${text.slice(-END)}`;

/**
 * Characters of an answer that are read, from its start and from its end: a grade must not take
 * seconds because a model never stopped.
 */
const [START, END] = [10_000, 30_000];

/** An answer as it is read: whole, or its first 10,000 and last 30,000 characters. */
export const clipped = (text: string): string =>
  text.length <= START + END ? text : `${text.slice(0, START)}\n${text.slice(-END)}`;

/** Numbers in replies of models that were asked to write one. */

const BOXED = /\\boxed\{\s*(\d+(?:\.\d*)?)\s*\}/;
const BRACKETED = /\[\s*(\d+(?:\.\d*)?)\s*\]/;
const PLAIN = /\d+(?:\.\d*)?/;
const SIGNED = /[-−]?(?:\d+(?:\.\d*)?|\.\d+)/;

/**
 * The number in a reply to a request for one from 0 to 100: the content of \boxed{…}, else of […],
 * else the first number; signs and exponents are not read. Null if there is none.
 */
export function parseRating(text: string): number | null {
  const found = BOXED.exec(text)?.[1] ?? BRACKETED.exec(text)?.[1] ?? PLAIN.exec(text)?.[0];
  return found === undefined ? null : Number(found);
}

/**
 * The number in a reply to a request for one from 0 to 1, found in the same order; null if there is
 * none, or it is out of range.
 */
export function parseShare(text: string): number | null {
  const found = BOXED.exec(text)?.[1] ?? BRACKETED.exec(text)?.[1] ?? SIGNED.exec(text)?.[0];
  const value = Number(found?.replace('−', '-'));
  return value >= 0 && value <= 1 ? value : null;
}

/** Verdicts in brackets at the end of a judge's reply. */

const last = (text: string, pattern: RegExp): string | undefined =>
  [...text.slice(-20_000).matchAll(pattern)].at(-1)?.[1];

/**
 * The rating in a reply: the last `[[n]]`, else the last `[n]`, with n from 1 to 10; undefined if
 * there is none.
 */
export function ratingIn(reply: string): number | undefined {
  const found =
    last(reply, /\[\[\s{0,3}(\d{1,2}(?:\.\d{1,4})?)\s{0,3}\]\]/g) ??
    last(reply, /\[\s{0,3}(\d{1,2}(?:\.\d{1,4})?)\s{0,3}\]/g);
  const rating = Number(found);
  return found !== undefined && rating >= 1 && rating <= 10 ? rating : undefined;
}

/** The verdict in a reply: the last `[[A]]`, `[[B]]` or `[[C]]`, else one in single brackets. */
export function verdictIn(reply: string): 'A' | 'B' | 'C' | undefined {
  const found =
    last(reply, /\[\[\s{0,3}([ABC])\s{0,3}\]\]/g) ?? last(reply, /\[\s{0,3}([ABC])\s{0,3}\]/g);
  return found as 'A' | 'B' | 'C' | undefined;
}

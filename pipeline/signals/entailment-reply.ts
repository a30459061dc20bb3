/**
 * The judgement in a reply to an entailment question: the first word "yes" or "no" in it counts,
 * whatever its case; null where there is neither.
 */
export function parseEntailment(text: string): 0 | 1 | null {
  const word = /\b(yes|no)\b/i.exec(text)?.[1];
  if (word === undefined) return null;
  return word.toLowerCase() === 'yes' ? 1 : 0;
}

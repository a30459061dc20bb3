/**
 * Exact match and F1 of short answers, as defined with SQuAD (Rajpurkar et al. 2016, arXiv
 * 1606.05250, section 6).
 */

const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;
/**
 * Placeholders for symbols that must survive the removal of punctuation; the text contains none of
 * them, because they are removed with it.
 */
const [DECIMAL, MINUS] = ['\u0001', '\u0002'];
const ARTICLES = new Set(['a', 'an', 'the']);

/**
 * Lower case, no punctuation, no articles. In addition to SQuAD: a Chinese, Japanese or Korean
 * character is a word; a decimal point and a minus before a digit stay, so that 3.5 is not 35 and
 * -5 is not 5; commas between thousands are removed.
 */
export function normaliseWords(text: string): readonly string[] {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\u0001\u0002]/g, ' ')
    .replace(CJK, ' $& ')
    .replace(/−/g, '-')
    .replace(/(?<=\d)\.(?=\d)/g, DECIMAL)
    .replace(/(?<![\p{L}\p{N}])-(?=\d)/gu, MINUS)
    .replace(/[!-/:-@[-`{-~’‘“”]/g, '')
    .replace(/[^\p{L}\p{N}\p{M}\p{Sc}\u0001\u0002]+/gu, ' ')
    .replaceAll(DECIMAL, '.')
    .replaceAll(MINUS, '-')
    .split(' ')
    .filter((word) => word !== '' && !ARTICLES.has(word));
}

/** 1 if both are the same words in the same order, else 0. */
export const exactMatch = (given: readonly string[], wanted: readonly string[]): number =>
  given.length === wanted.length && given.every((word, i) => word === wanted[i]) ? 1 : 0;

/**
 * Harmonic mean of precision and recall over words with their multiplicities; two texts without
 * words match.
 */
export function f1(given: readonly string[], wanted: readonly string[]): number {
  if (given.length === 0 || wanted.length === 0) return given.length === wanted.length ? 1 : 0;
  const left = new Map<string, number>();
  for (const word of wanted) left.set(word, (left.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of given) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    common++;
    left.set(word, count - 1);
  }
  return (2 * common) / (given.length + wanted.length);
}

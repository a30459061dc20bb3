/**
 * Exact match and F1 of short answers, as defined with SQuAD 1.1 (Rajpurkar et al. 2016, arXiv
 * 1606.05250, section 6; its evaluation script).
 */

const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;
const CJK_PUNCTUATION = /[。，、；：？！「」『』《》〈〉（）【】“”‘’…—·]/g;
/** ASCII punctuation: Python's `string.punctuation`. */
const PUNCTUATION = /[!-/:-@[-`{-~]/g;
const ARTICLES = /(?<![\p{L}\p{N}])(?:a|an|the)(?![\p{L}\p{N}])/gu;
/** White space of Python's `str.split`. */
const SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
/**
 * Placeholders for symbols that must survive the removal of punctuation; the text contains none of
 * them, because they are removed with it.
 */
const [DECIMAL, MINUS] = ['\u0001', '\u0002'];
const ARTICLE_WORDS = new Set(['a', 'an', 'the']);

/** A text → its words. */
export type Normalise = (text: string) => readonly string[];

const words = (text: string): readonly string[] => text.split(SPACE).filter((word) => word !== '');

/**
 * SQuAD's words: lower case, ASCII punctuation and articles removed, divided at white space. Of
 * texts in Chinese, Japanese or Korean, for which SQuAD has no definition, each character is a
 * word, as in CMRC 2018.
 */
export const squadWords: Normalise = (text) => {
  const bare = text.toLowerCase().replace(PUNCTUATION, '').replace(ARTICLES, ' ');
  const spaced = bare.replace(CJK, ' $& ');
  return words(spaced === bare ? bare : spaced.replace(CJK_PUNCTUATION, ' '));
};

/**
 * The same after Unicode NFKC and with all punctuation removed; but a decimal point and a minus
 * before a digit stay, so that 3.5 is not 35 and -5 is not 5.
 */
export const extendedWords: Normalise = (text) =>
  text
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
    .filter((word) => word !== '' && !ARTICLE_WORDS.has(word));

/** 1 if both are the same words in the same order, else 0. */
export const exactMatch = (given: readonly string[], wanted: readonly string[]): number =>
  given.length === wanted.length && given.every((word, i) => word === wanted[i]) ? 1 : 0;

/**
 * Harmonic mean of precision and recall over words with their multiplicities; 0 where no word is
 * common, also of two texts without words.
 */
export function f1(given: readonly string[], wanted: readonly string[]): number {
  const left = new Map<string, number>();
  for (const word of wanted) left.set(word, (left.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of given) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    common++;
    left.set(word, count - 1);
  }
  return common === 0 ? 0 : (2 * common) / (given.length + wanted.length);
}

/**
 * Texts that say the same in other letters: blanks and case. Only prose is touched; what is quoted,
 * code, mathematics or a link stays as it is.
 */
import type { Random } from '../../core/util/random.js';

/**
 * Quotations, code, mathematics and addresses: whole, so that nothing inside is prose. An
 * apostrophe inside a word opens no quotation.
 */
const KEPT = new RegExp(
  [
    /```[\s\S]*?(?:```|$)/,
    /`[^`\n]*`/,
    /\$\$[\s\S]*?\$\$/,
    /\$[^$\n]+\$/,
    /\\\([\s\S]*?\\\)/,
    /\\\[[\s\S]*?\\\]/,
    /"[^"\n]*"/,
    /“[^”\n]*”/,
    /«[^»\n]*»/,
    /(?<![\p{L}\p{N}])'[^'\n]+'(?![\p{L}\p{N}])/u,
    /[a-z][a-z0-9+.-]*:\/\/\S+/,
    /\S+@\S+/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'giu',
);

/** Lines that are indented are code, or a layout that means something. */
const INDENTED = /^(?: {2,}|\t).*$/gmu;

/** Replaces what a pattern finds in prose; what begins inside something that is kept stays. */
function inProse(text: string, pattern: RegExp, change: (found: string) => string): string {
  const kept = [...text.matchAll(KEPT), ...text.matchAll(INDENTED)].map(
    (match) => [match.index, match.index + match[0].length] as const,
  );
  return text.replace(pattern, (found: string, index: number) =>
    kept.some(([from, to]) => index >= from && index < to) ? found : change(found),
  );
}

const BLANK = /(?<=\S) (?=\S)/gu;

/**
 * Words whose case carries no meaning: three letters or more, all small or with a capital in front.
 * So letters of options, variables, numerals, units, formulas
 * and abbreviations stay.
 */
const WORD = /(?<![\p{L}\p{N}_\\])\p{L}\p{Ll}{2,}(?:['’]\p{Ll}+)?(?![\p{L}\p{N}_])/gu;

const WHITESPACE: readonly ((text: string) => string)[] = [
  (text) => inProse(text, BLANK, () => '  '),
  (text) => `${text}\n`,
  (text) => ` ${text} `,
];

const CASE: readonly ((text: string) => string)[] = [
  (text) => inProse(text, WORD, (word) => word.toLowerCase()),
  (text) => inProse(text, WORD, (word) => word.toUpperCase()),
  (text) => inProse(text, WORD, (word) => (word[0] as string).toUpperCase() + word.slice(1)),
];

/** One of the ways to change a text, drawn among those that do change it; null where none does. */
const applyRandomChange = (
  ways: readonly ((text: string) => string)[],
  text: string,
  random: Random,
): string | null =>
  random.shuffle(ways.map((way) => way(text))).find((other) => other !== text) ?? null;

/**
 * The text with other blanks: doubled between words, a line break at the end, or a blank at both
 * ends.
 */
export const withOtherBlanks = (text: string, random: Random): string | null =>
  applyRandomChange(WHITESPACE, text, random);

/**
 * The text with its words small, in capitals, or each with a capital; null where it has no word
 * that may change.
 */
export const withOtherCase = (text: string, random: Random): string | null =>
  applyRandomChange(CASE, text, random);

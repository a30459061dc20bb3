/** The options that an answer chooses. */
import { lastBoxed } from '../_answer/boxed.js';
import { findAnnouncedAnswer } from '../_answer/announced-answer.js';
import { leadingLetters } from './letters.js';
import { isLetter, optionWithText, plain, type Options } from './options.js';

/** The letters, or why there are none. */
export type Reading = { readonly letters: ReadonlySet<string> } | { readonly problem: string };

const WINDOW = 20_000;
const CONFIRMED =
  /\(?\b([A-Z])\b[)*.]{0,3}\s{1,3}(?:is|are|was)\s{1,3}(?:the\s{1,3}|indeed\s{1,3})?(?:correct|right|best|true|answer)\b/g;
const NAMED =
  /(?:[Oo]ption|[Cc]hoice|[Aa]nswer|[Ll]etter|选项|选择|选)\s{0,2}[:：]?\s{0,2}[(（*"']{0,3}([A-Z])(?![A-Za-z'’])/g;
const BRACKETED = /\(([A-Z])\)/g;

const named = (pattern: RegExp, text: string, options: Options): ReadonlySet<string> =>
  new Set(
    [...text.matchAll(pattern)]
      .map((match) => match[1] as string)
      .filter((letter) => isLetter(options, letter)),
  );

/**
 * Options whose texts occur in the answer as whole words; a text that is part of a longer match
 * does not count.
 */
function mentioned(text: string, options: Options): ReadonlySet<string> {
  const within = ` ${plain(text).replace(/[^\p{L}\p{N}.+-]+/gu, ' ')} `;
  const found = [...options].filter(([, option]) => {
    const words = option.replace(/[^\p{L}\p{N}.+-]+/gu, ' ').trim();
    return (
      words !== '' &&
      (within.includes(` ${words} `) ||
        within.includes(` ${words}. `) ||
        within.includes(` ${words}.`.concat(' ')))
    );
  });
  const texts = found.map(([, option]) => option);
  return new Set(
    found
      .filter(([, option]) => !texts.some((other) => other !== option && other.includes(option)))
      .map(([letter]) => letter),
  );
}

/**
 * The options whose text follows a letter. A dash with spaces around it may or may not be a minus:
 * `A - 3` is read both ways, `A. -3` one way.
 */
function getTextsBeside(rest: string, options: Options): readonly string[] {
  const behind = rest.replace(/^[\s.):,;]+/, '');
  const readings = [behind];
  if (/^[-−–—]/.test(rest) && !/^[-−–]\.?\d/.test(behind))
    readings.push(behind.replace(/^[-−–—]\s*/, ''));
  return readings.flatMap((reading) => optionWithText(options, reading) ?? []);
}

const readStatement = (text: string, options: Options): Reading | undefined => {
  const whole = optionWithText(options, text);
  if (whole !== undefined) return { letters: new Set([whole]) };
  const read = leadingLetters(text, options);
  if (read === undefined) return undefined;
  const beside = getTextsBeside(read.rest, options);
  if (beside.length > 0 && !beside.some((letter) => read.letters.has(letter)))
    return {
      problem: `it names ${[...read.letters].join(', ')} with the text of ${beside.join(' or ')}`,
    };
  return { letters: read.letters };
};

/** A line that is an option, or begins with a letter followed by a mark. */
const line = (text: string, options: Options): Reading | undefined => {
  const read = leadingLetters(text, options);
  if (
    read === undefined ||
    read.marked ||
    (/^[-−–—]\s/.test(read.rest) && getTextsBeside(read.rest, options).length > 0)
  )
    return readStatement(text, options);
  return optionWithText(options, text) === undefined ? undefined : readStatement(text, options);
};

/**
 * Reads an answer, most reliable form first: the last box, an announced answer, the whole answer,
 * its first or last line, "B is correct", the only option named, the only one in brackets, the only
 * one whose text occurs.
 */
export function readChoice(text: string, options: Options): Reading {
  const boxed = lastBoxed(text);
  if (boxed.length > 0)
    return readStatement(boxed.join(', '), options) ?? { problem: 'what is boxed is no option' };
  const statement = findAnnouncedAnswer(text);
  const announced = statement === undefined ? undefined : readStatement(statement, options);
  if (announced !== undefined) return announced;
  const window = text.slice(-WINDOW);
  const lines = [
    text.slice(0, 2000).trimStart().split('\n')[0] as string,
    window.trimEnd().split('\n').at(-1) as string,
  ];
  for (const part of lines) {
    const read = line(part, options);
    if (read !== undefined) return read;
  }
  for (const find of [
    () => named(CONFIRMED, window, options),
    () => named(NAMED, window, options),
    () => named(BRACKETED, window, options),
    () => mentioned(statement ?? window, options),
    () => mentioned(window, options),
  ]) {
    const letters = find();
    if (letters.size === 1) return { letters };
  }
  return { problem: 'no single option can be read from it' };
}

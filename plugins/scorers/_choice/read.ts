/** The options that an answer chooses. */
import { findAnnouncement, type Announcement } from '../_answer/announced-answer.js';
import { lastBoxed } from '../_answer/boxed.js';
import { beforeNextQuestion, taggedAnswer, withoutEndTokens } from '../_answer/tidy.js';
import { findClaim, findConfirmed, findRejected } from './claims.js';
import { isRejected, leadingLetters } from './letters.js';
import { findListing } from './listing.js';
import {
  hasNumbers,
  isLabel,
  labelPattern,
  optionWithText,
  plain,
  type Options,
} from './options.js';

/** The letters, or why there are none. */
export type Reading = { readonly letters: ReadonlySet<string> } | { readonly problem: string };

const WINDOW = 20_000;

const named = (pattern: RegExp, text: string, options: Options): ReadonlySet<string> =>
  new Set(
    [...text.matchAll(pattern)]
      .map((match) => match[1] as string)
      .filter((letter) => isLabel(options, letter)),
  );

const findNamed = (text: string, options: Options): ReadonlySet<string> =>
  named(
    new RegExp(
      `(?:[Oo]ption|[Cc]hoice|[Aa]nswer|[Ll]etter|选项|选择|选)\\s{0,2}[:：]?\\s{0,2}[(（*"']{0,3}(${labelPattern(options)})(?![\\w'’])(?!\\s(?!is\\b|was\\b|and\\b|or\\b|because\\b|since\\b)[a-z])`,
      'g',
    ),
    text,
    options,
  );

const findBracketed = (text: string, options: Options): ReadonlySet<string> =>
  named(new RegExp(`\\((${labelPattern(options)})\\)`, 'g'), text, options);

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
  const read = leadingLetters(text, options);
  const whole = optionWithText(options, text);
  // a number is the label, where labels are numbers
  const isNumber = hasNumbers(options) && read?.rest.trim() === '';
  if (whole !== undefined && !isNumber) return { letters: new Set([whole]) };
  if (read === undefined || isRejected(read.rest)) return undefined;
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

/** The last of an announced answer and a sentence that chooses an option. */
function readClaims(
  text: string,
  announced: Announcement | undefined,
  options: Options,
): Reading | undefined {
  const claim = findClaim(text, options);
  const stated = announced === undefined ? undefined : readStatement(announced.text, options);
  if (claim === undefined || (stated !== undefined && (announced?.index ?? 0) > claim.index))
    return stated;
  return { letters: new Set([claim.label]) };
}

/** A list of options with a verdict on each, else the first and the last line outside of it. */
function readLines(text: string, options: Options): Reading | undefined {
  const lines = text.trim().slice(-WINDOW).split('\n');
  const listing = options.size === 0 ? undefined : findListing(lines, options);
  if (listing?.chosen !== undefined) return { letters: new Set([listing.chosen]) };
  const first = text.slice(0, 2000).trimStart().split('\n')[0] as string;
  const last = lines.length - 1;
  const isListed = (index: number): boolean => listing?.lines.has(index) === true;
  const cut = text.trim().length > WINDOW;
  for (const part of [
    ...(!cut && isListed(0) ? [] : [first]),
    ...(isListed(last) ? [] : [lines[last] as string]),
  ]) {
    const read = line(part, options);
    if (read !== undefined) return read;
  }
  return undefined;
}

const without = (letters: ReadonlySet<string>, some: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...letters].filter((letter) => !some.has(letter)));

/** What the text names, where nothing in it is a statement of the answer. */
function readNamed(
  text: string,
  announced: string | undefined,
  options: Options,
): Reading | undefined {
  const window = text.slice(-WINDOW);
  const rejected = findRejected(window, options);
  for (const find of [
    () => findConfirmed(window, options),
    () => findNamed(window, options),
    () => findBracketed(window, options),
    () => mentioned(announced ?? window, options),
    () => mentioned(window, options),
  ]) {
    const letters = without(find(), rejected);
    if (letters.size === 1) return { letters };
  }
  return undefined;
}

function readPart(text: string, options: Options): Reading | undefined {
  const tagged = taggedAnswer(text);
  const marked = tagged === undefined ? undefined : readStatement(tagged, options);
  if (marked !== undefined) return marked;
  const boxed = lastBoxed(text);
  const inBox = boxed.length === 0 ? undefined : readStatement(boxed.join(', '), options);
  if (inBox !== undefined) return inBox;
  const announced = findAnnouncement(text);
  return (
    readClaims(text, announced, options) ??
    readLines(text, options) ??
    // the box says what the answer is, but not in words of the options: guesses would contradict it
    (boxed.length > 0
      ? { problem: 'what is boxed is no option' }
      : readNamed(text, announced?.text, options))
  );
}

/**
 * Reads an answer, most reliable form first: what is in a tag or a field `answer`, the last box, an
 * announced or chosen answer, a list of options with verdicts, the first or last line, "B is
 * correct", the only option named, the only one in brackets, the only one whose text occurs.
 */
export function readChoice(text: string, options: Options): Reading {
  const clean = withoutEndTokens(text);
  const part = beforeNextQuestion(clean);
  const read = part === undefined ? undefined : readPart(part, options);
  if (read !== undefined && 'letters' in read) return read;
  return readPart(clean, options) ?? read ?? { problem: 'no single option can be read from it' };
}

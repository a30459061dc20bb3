/** The final answer in a longer text. */
import { lastBoxed } from '../_answer/boxed.js';
import { findAnnouncedAnswer } from '../_answer/announced-answer.js';
import { Unreadable } from './expression.js';
import { read } from './read.js';
import { parseQuantity } from './quantity.js';
import { cleaned } from './clean.js';

const WINDOW = 20_000;
const SHORT = 400;
const SEGMENT =
  /\$\$([^$]{1,1000})\$\$|\$([^$\n]{1,1000})\$|\\\(([^\n]{1,1000}?)\\\)|\\\[([\s\S]{1,1000}?)\\\]/g;
const NUMBER =
  /(?:[-−+]\s?)?(?:\\?\$\s?)?(?:\d{1,3}(?:,\d{3}){1,8}(?!\d)|\d{1,60})(?:\.\d{1,60})?(?:\s?\/\s?\d{1,30}(?:\.\d{1,9})?)?(?:\s?\\?%|\s?°)?/g;
const REASON =
  /(?:,?\s(?:because|since|as|so|which|where|when|after|if|for|not|but|instead|rather)\s|，|（因为)/;

/** Two words in sequence: otherwise `So we get` would be a product of letters. */
const PROSE =
  /(?<![\\A-Za-z])(?!(?:and|or|sqrt|pi)\b)[A-Za-z]{2,}\s{1,3}(?!(?:and|or|sqrt|pi)\b)[A-Za-z]{2,}/;

const readable = (text: string): boolean => {
  if (text.length > SHORT) return false;
  for (const part of [text, parseQuantity(cleaned(text))?.core]) {
    try {
      if (part !== undefined && !PROSE.test(part) && read(part, true).kind !== 'text') return true;
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
    }
  }
  return false;
};

interface Segment {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

const splitSegments = (text: string): readonly Segment[] =>
  [...text.matchAll(SEGMENT)].map((match) => ({
    text: (match[1] ?? match[2] ?? match[3] ?? match[4] ?? '').trim(),
    from: match.index,
    to: match.index + match[0].length,
  }));

/** The first formula of a sentence, with those joined to it by commas, "and" and "or". */
function joined(sentence: string): string | undefined {
  const segments = splitSegments(sentence);
  const parts: string[] = [];
  segments.every((segment, i) => {
    const before = segments[i - 1];
    if (
      before !== undefined &&
      !/^\s{0,3}(?:,|;|and|or|和|或|,\s?and|,\s?or)?\s{0,3}$/.test(
        sentence.slice(before.to, segment.from),
      )
    )
      return false;
    parts.push(segment.text);
    return true;
  });
  return parts.length === 0 ? undefined : parts.join(', ');
}

const numbersIn = (text: string): readonly Segment[] =>
  [...text.matchAll(NUMBER)].map((match) => ({
    text: match[0].trim(),
    from: match.index,
    to: match.index + match[0].length,
  }));

/** The content of an announcement. */
function announced(sentence: string): string | undefined {
  const brief = sentence.split(REASON)[0] as string;
  for (const part of [sentence, brief]) if (readable(part)) return part;
  const formula = joined(brief) ?? joined(sentence);
  if (formula !== undefined) return formula;
  return numbersIn(brief).at(-1)?.text;
}

/**
 * The final answer of a text: the last box; the last announced answer ("the answer is …", "#### …",
 * "答案是…"); the text itself if it is short and mathematics; else the last formula or number,
 * whichever comes later. Undefined if there is none.
 */
export function finalAnswer(text: string): string | undefined {
  const boxed = lastBoxed(text);
  if (boxed.length > 0) return boxed.join(', ');
  const statement = findAnnouncedAnswer(text);
  const stated = statement === undefined ? undefined : announced(statement);
  if (stated !== undefined) return stated;
  const whole = text.trim();
  if (readable(whole)) return whole;
  const window = whole.slice(-WINDOW);
  const lastLine = (window.split('\n').at(-1) as string).trim();
  if (readable(lastLine)) return lastLine;
  const formula = splitSegments(window).at(-1);
  const plain = numbersIn(window).at(-1);
  if (formula !== undefined && (plain === undefined || plain.to <= formula.to)) return formula.text;
  return plain?.text ?? (whole.length <= SHORT ? whole : undefined);
}

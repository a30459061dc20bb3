/** The final answer in a longer text. */
import { findAnnouncement } from '../_answer/announced-answer.js';
import { findLastBoxes } from '../_answer/boxed.js';
import { beforeNextQuestion, taggedAnswer, withoutEndTokens } from '../_answer/tidy.js';
import { Unreadable } from './expression.js';
import { read } from './read.js';
import { parseQuantity } from './quantity.js';
import { cleaned, withoutDoubledBackslashes } from './clean.js';

const WINDOW = 20_000;
const SHORT = 400;
const SEGMENT =
  /\$\$([^$]{1,1000})\$\$|(?<!\\)\$((?:[^$\n\\]|\\.){1,1000})\$|\\\(([^\n]{1,1000}?)\\\)|\\\[([\s\S]{1,1000}?)\\\]/g;
const NUMBER =
  /(?<![A-Za-z\d])(?:[-−+]\s?)?(?:\\?\$\s?)?(?:\d{1,3}(?:,\d{3}){1,8}(?!\d)|\d{1,30},\d\d(?![\d,])|\d{1,60})(?:\.\d{1,60})?(?:\s?\/\s?\d{1,30}(?:\.\d{1,9})?)?(?:\s?\\?%|\s?°)?/g;
const REASON =
  /(?:,?\s(?:because|since|as|so|which|where|when|after|if|for|not|but|instead|rather)\s|，|（因为)/;

/** Two words in sequence: otherwise `So we get` would be a product of letters. */
const PROSE =
  /(?<![\\A-Za-z])(?!(?:and|or|sqrt|pi)\b)[A-Za-z]{2,}\s{1,3}(?!(?:and|or|sqrt|pi)\b)[A-Za-z]{2,}/;
/** Short words of prose, which would be products of letters. */
const WORD =
  /(?<![\\A-Za-z_{])(?:so|is|it|the|we|he|she|in|of|at|to|by|as|if|be|are|was|has|had|then|thus|hence|let|for|on|an|my|us|its|our|but|not|no|you|they|this|that|with|from)(?![A-Za-z}_])/i;

const readable = (text: string): boolean => {
  if (text.length > SHORT) return false;
  for (const part of [text, parseQuantity(cleaned(text))?.core]) {
    try {
      if (
        part === undefined ||
        PROSE.test(part) ||
        WORD.test(part.replace(/\\text\w*\s?\{[^{}]*\}/g, ''))
      )
        continue;
      if (read(part, true).kind !== 'text') return true;
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
    }
  }
  return false;
};

/** Whether a text is LaTeX without prose and without delimiters. */
const isFormula = (text: string): boolean =>
  text.length <= SHORT &&
  /\\[A-Za-z]/.test(text) &&
  !/\$|\\[([]/.test(text) &&
  !PROSE.test(text) &&
  !WORD.test(text);

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

const CLAUSE = /\b(?:is|are|was|equals?|equal\s{1,3}to|be|becomes|gives|get)\s{1,3}|=|：|:\s/g;

/** What stands behind the last verb or sign of a sentence, if it is mathematics. */
function lastClause(sentence: string): string | undefined {
  const verb = [...sentence.matchAll(CLAUSE)].filter(({ 0: found }) => found !== '=').at(-1);
  if (verb === undefined) return undefined;
  const clause = sentence.slice(verb.index + verb[0].length).trim();
  if (readable(clause)) return clause;
  const [first] = splitSegments(clause);
  if (first?.from === 0) return joined(clause);
  const [number] = numbersIn(clause);
  return number !== undefined && clause.startsWith(number.text) ? number.text : undefined;
}

/** The content of an announcement. */
function announced(sentence: string): string | undefined {
  const brief = sentence.split(REASON)[0] as string;
  for (const part of [sentence, brief]) if (readable(part)) return part;
  const clause = lastClause(brief);
  if (clause !== undefined) return clause;
  const formula = joined(brief) ?? joined(sentence);
  if (formula !== undefined) return formula;
  const numbers = numbersIn(brief);
  return numbers.length === 1 || !/^\W{0,5}\d/.test(brief)
    ? numbers.at(-1)?.text
    : numbers[0]?.text;
}

/** Announcements of the answer itself, not of a result on the way: only these follow boxes. */
const OF_ANSWER = /(?:answers?|答案|####)[^\n]{0,30}$/i;

/** What a text announces as its answer; after boxes only where it comes later and has no box. */
function announcedAnswer(text: string, boxesEnd: number): string | undefined {
  const found = findAnnouncement(text);
  if (found === undefined) return undefined;
  if (boxesEnd > 0) {
    const before = text.slice(Math.max(0, found.index - 60), found.index);
    if (found.index < boxesEnd || !OF_ANSWER.test(before)) return undefined;
  }
  return announced(found.text);
}

/**
 * The final answer of a text: what is in a tag or a field `answer`; the last boxes, unless a later
 * sentence announces the answer; the last announced answer ("the answer is …", "#### …",
 * "答案是…"); the text itself if it is short and mathematics; else the last formula or number,
 * whichever comes later. Undefined if there is none.
 */
export function finalAnswer(written: string): string | undefined {
  const clean = withoutDoubledBackslashes(withoutEndTokens(written));
  const text = beforeNextQuestion(clean) ?? clean;
  const tagged = taggedAnswer(text);
  if (tagged !== undefined && !tagged.includes('\\boxed')) return finalAnswer(tagged) ?? tagged;
  const boxes = findLastBoxes(text);
  const stated = announcedAnswer(text, boxes?.end ?? 0);
  if (stated !== undefined) return stated;
  if (boxes !== undefined) return boxes.contents.join(', ');
  const whole = text.trim();
  if (readable(whole)) return whole;
  const window = whole.slice(-WINDOW);
  const lastLine = (window.split('\n').at(-1) as string).trim();
  if (readable(lastLine)) return lastLine;
  // a formula that cannot be read is not one of the numbers in it
  if (isFormula(whole)) return whole;
  if (isFormula(lastLine)) return lastLine;
  const formula = splitSegments(window).at(-1);
  const plain = numbersIn(window).at(-1);
  if (formula !== undefined && (plain === undefined || plain.to <= formula.to)) return formula.text;
  return plain?.text ?? (whole.length <= SHORT ? whole : undefined);
}

/**
 * The answer in a reference: its box, what follows `####`, or all of it; of a solution in prose,
 * what is read from an answer.
 */
export function referenceAnswer(written: string): string {
  const reference = withoutDoubledBackslashes(written);
  const boxes = findLastBoxes(reference);
  if (boxes !== undefined) {
    const isPercent = /^\$?\s{0,3}(?:\\?%|percent\b|per cent\b)/.test(reference.slice(boxes.end));
    const boxed = boxes.contents.join(', ');
    return isPercent && /^[\d.]+$/.test(boxed) ? `${boxed}\\%` : boxed;
  }
  const mark = reference.lastIndexOf('####');
  if (mark >= 0) return reference.slice(mark + 4).trim();
  if (reference.length <= SHORT && !/\.\s/.test(reference)) return reference;
  return readable(reference) ? reference : (finalAnswer(reference) ?? reference);
}

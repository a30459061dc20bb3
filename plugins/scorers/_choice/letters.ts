/**
 * Labels at the start of a text in their usual forms: `B`, `(B)`, `**B.**`, `A, C and D`, `ACD`,
 * `B) text`; numbers in place of letters if the options have those.
 */
import { hasNumbers, isLabel, type Options } from './options.js';

const OPENING = /^(?:[\s*_`"'“‘([{（$#<>]|\\(?:text|textbf|mathrm|mathbf)\b|\\[([])+/;
const CLOSING = /^(?:[\s*_`"'”’)\]}）$]|\\[)\]])+/;
const JOINING = /^(?:,|;|\/|&|\+|、|，|和|与|及|and\b|or\b)[\s,]*(?:and\b|or\b)?/;
const EITHER = /^(?:either|both)\s{1,3}/i;
/** After "A" or "I", these words show that a letter was meant, not an article or pronoun. */
const NO_NOUN = /^(?:because|since|as|and|or|for|is|was|are|isn['’]t|not)\b/;
/** What says that an option is not the answer. */
const REJECTED =
  /^[\s*_):—–-]{0,6}(?:(?:is|are|was|would be|can be|must be|seems|looks|项|选项|是)\s{0,3})?(?:(?:definitely|clearly|also|therefore|thus|simply|just)\s{1,3})?(?:not\b|wrong\b|incorrect\b|false\b|no\b|ruled out|eliminated|tempting|out\b|isn['’]t\b|aren['’]t\b|cannot\b|can['’]t\b|doesn['’]t\b|does not\b|错误|不对|不正确|不是)/i;

/** The letters, and the text after them. */
export interface Letters {
  readonly letters: ReadonlySet<string>;
  readonly rest: string;
  /** Whether the last letter is followed by a mark or stands alone. */
  readonly marked: boolean;
}

/** Whether a text that follows a label says that it is not the answer. */
export const isRejected = (rest: string): boolean => REJECTED.test(rest);

interface Token {
  readonly text: string;
  readonly labels: readonly string[];
}

/** The labels at the start: one, or several letters in a row such as `ACD`. */
function readToken(opened: string, options: Options): Token | undefined {
  if (hasNumbers(options)) {
    const digits = /^\d{1,2}(?![\d.]\d|\d)/.exec(opened)?.[0];
    return digits !== undefined && isLabel(options, digits)
      ? { text: digits, labels: [digits] }
      : undefined;
  }
  const text = /^[A-Za-z]+/.exec(opened)?.[0] ?? '';
  const single = text.length === 1 ? text.toUpperCase() : '';
  if (single !== '' && isLabel(options, single)) return { text, labels: [single] };
  const several =
    text.length > 1 &&
    text.length <= options.size &&
    new Set(text).size === text.length &&
    [...text].every((letter) => isLabel(options, letter));
  return several ? { text, labels: [...text] } : undefined;
}

/** Reads labels of options from the start; undefined if the text does not begin with one. */
export function leadingLetters(text: string, options: Options): Letters | undefined {
  const letters = new Set<string>();
  let rest = text.slice(0, 2000).replace(EITHER, '');
  let marked = false;
  for (;;) {
    const opened = rest.replace(OPENING, '');
    const token = readToken(opened, options);
    if (token === undefined) break;
    const after = opened.slice(token.text.length);
    if (/^['’]?\d|^['’][a-z]/.test(after)) break; // B2, I'm
    const closed = after.replace(CLOSING, '');
    const mark =
      after.trim() === '' ||
      /^\s*[*_`"'”’)\]}）$\\.:,;、，。<]/.test(after) ||
      after.startsWith('\n');
    const isArticle = 'AI'.includes(token.text) && /^\s*[a-z]/.test(after) && !NO_NOUN.test(closed);
    if (!mark && (token.text !== token.text.toUpperCase() || isArticle)) break;
    for (const label of token.labels) letters.add(label);
    marked = mark || /^(?:because|since)\b/.test(closed);
    rest = closed;
    const joined = JOINING.exec(rest);
    if (joined === null) break;
    const next = rest.slice(joined[0].length);
    if (readToken(next.replace(OPENING, ''), options) === undefined) break;
    rest = next;
  }
  return letters.size === 0 ? undefined : { letters, rest, marked };
}

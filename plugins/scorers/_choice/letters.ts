/**
 * Letters at the start of a text in their usual forms: `B`, `(B)`, `**B.**`, `A, C and D`, `ACD`,
 * `B) text`.
 */
import { isLetter, type Options } from './options.js';

const OPENING = /^(?:[\s*_`"'“‘([{（$]|\\(?:text|textbf|mathrm|mathbf)\b|\\[([])+/;
const CLOSING = /^(?:[\s*_`"'”’)\]}）$]|\\[)\]])+/;
const JOINING = /^(?:,|;|\/|&|\+|、|，|和|与|及|and\b|or\b)[\s,]*(?:and\b|or\b)?/;
/** After "A" or "I", these words show that a letter was meant, not an article or pronoun. */
const NO_NOUN = /^(?:because|since|as|and|or|for|is|was|are)\b/;

/** The letters, and the text after them. */
export interface Letters {
  readonly letters: ReadonlySet<string>;
  readonly rest: string;
  /** Whether the last letter is followed by a mark or stands alone. */
  readonly marked: boolean;
}

/** Reads letters of options from the start; undefined if the text does not begin with one. */
export function leadingLetters(text: string, options: Options): Letters | undefined {
  const letters = new Set<string>();
  let rest = text.slice(0, 2000);
  let marked = false;
  for (;;) {
    const opened = rest.replace(OPENING, '');
    const token = /^[A-Za-z]+/.exec(opened)?.[0] ?? '';
    const single = token.length === 1 ? token.toUpperCase() : '';
    const several =
      token.length > 1 &&
      token.length <= options.size &&
      new Set(token).size === token.length &&
      [...token].every((letter) => isLetter(options, letter));
    if (!several && (single === '' || !isLetter(options, single))) break;
    const after = opened.slice(token.length);
    if (/^['’]?\d|^['’][a-z]/.test(after)) break; // B2, I'm
    const closed = after.replace(CLOSING, '');
    const mark =
      after.trim() === '' ||
      /^\s*[*_`"'”’)\]}）$\\.:,;、，。]/.test(after) ||
      after.startsWith('\n');
    if (
      !mark &&
      (token !== token.toUpperCase() ||
        ('AI'.includes(single) && /^\s*[a-z]/.test(after) && !NO_NOUN.test(closed)))
    )
      break;
    for (const letter of several ? token : single) letters.add(letter);
    marked = mark || /^(?:because|since)\b/.test(closed);
    rest = closed;
    const joined = JOINING.exec(rest);
    if (joined === null) break;
    rest = rest.slice(joined[0].length);
  }
  return letters.size === 0 ? undefined : { letters, rest, marked };
}

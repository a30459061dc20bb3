/** LaTeX and plain text → tokens, in one pass. */
import { Unreadable } from './expression.js';

/** A piece of an expression. */
export type Token =
  | {
      readonly is: 'number';
      readonly numerator: bigint;
      readonly denominator: bigint;
      readonly digits: string;
    }
  | { readonly is: 'letter'; readonly text: string }
  | { readonly is: 'command'; readonly text: string }
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'begin' | 'end'; readonly text: string }
  | { readonly is: 'sign'; readonly text: string };

const MOST_TOKENS = 1200;
const MOST_DIGITS = 400;

const REPEATING = /(\d*)\.(\d*)\\(?:overline|dot|bar)\s?\{(\d{1,40})\}/y;
/** Commas that only occur between thousands: `1{,}000`, `1,\!000`, `1\,000`. */
const SURE_THOUSANDS = /\d{1,3}(?:(?:\{,\}|,\\!|\\,|\\!|\\ )\d{3})+(?!\d)(?:\.\d+)?/y;
const THOUSANDS = /\d{1,3}(?:(?:,\d{3})+|(?: \d{3})+)(?!\d)(?:\.\d+)?/y;
const DECIMAL_COMMA = /\d+\{,\}\d+/y;
const SCIENTIFIC = /(?:\d+\.?\d*|\.\d+)[eE][+-]?\d{1,3}(?!\d)/y;
const PLAIN = /\d+\.\d+|\.\d+|\d+/y;
const ENVIRONMENT = /\\(begin|end)\s?\{([a-z]{1,12}\*?)\}(?:\{[clr|\s]{0,40}\})?/y;
const TEXT =
  /\\(?:text|textbf|textit|textrm|mbox|mathrm|mathbf|rm|operatorname\*?)\s{0,2}\{([^{}]{0,200})\}/y;
const COMMAND = /\\([A-Za-z]+)/y;
const BOARD = /\\(?:mathbb|mathbf|Bbb)\s{0,2}\{?\s{0,2}([RQZNC])\s{0,2}\}?/y;
const WORD = /[A-Za-z]+/y;
const SPACE = /(?:\s|~|\\[,;:! ]|\\(?:quad|qquad|thinspace)(?![A-Za-z]))+/y;

/** Words that are functions or names even without a backslash. */
const KNOWN_WORDS = new Set(
  'sqrt pi sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln exp abs infinity infty inf theta alpha beta gamma frac and or floor ceil gcd lcm max min binom mod union times'.split(
    ' ',
  ),
);

/** Functions and names that may directly precede their argument, as in `sinx` and `2pir`. */
const GLUED = ['sqrt', 'sin', 'cos', 'tan', 'log', 'exp', 'theta', 'pi'];

/** Names of functions in LaTeX. */
const FUNCTION_TEXT = new Set([
  'sin',
  'cos',
  'tan',
  'log',
  'ln',
  'arcsin',
  'arccos',
  'arctan',
  'gcd',
  'lcm',
  'max',
  'min',
  'cot',
  'sec',
  'csc',
  'exp',
  'arccot',
  'det',
]);

const rational = (digits: string): { readonly numerator: bigint; readonly denominator: bigint } => {
  const [mantissa = '', exponent = '0'] = digits.split(/[eE]/);
  const [whole = '', part = ''] = mantissa.split('.');
  const power = Number(exponent) - part.length;
  const value = BigInt(`${whole}${part}` === '' ? '0' : `${whole}${part}`);
  return power >= 0
    ? { numerator: value * 10n ** BigInt(power), denominator: 1n }
    : { numerator: value, denominator: 10n ** BigInt(-power) };
};

/**
 * Tokens of a cleaned text. `thousands`: whether a comma between three digits and one to three,
 * outside of brackets, is part of a number.
 * @throws Unreadable if it is too long.
 */
export function tokenize(text: string, thousands: boolean): readonly Token[] {
  const tokens: Token[] = [];
  let position = 0;
  let depth = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const found = pattern.exec(text);
    if (found !== null) position = pattern.lastIndex;
    return found;
  };
  const pushNumber = (digits: string): void => {
    if (digits.length > MOST_DIGITS) throw new Unreadable('a number has too many digits');
    tokens.push({ is: 'number', digits, ...rational(digits) });
  };
  while (position < text.length) {
    if (tokens.length > MOST_TOKENS) throw new Unreadable('it is too long');
    const next = text[position] as string;
    if (/[\d.]/.test(next)) {
      const repeating = take(REPEATING);
      if (repeating !== null) {
        const [, whole = '', fixed = '', period = ''] = repeating;
        if (whole.length + fixed.length > MOST_DIGITS)
          throw new Unreadable('a number has too many digits');
        const denominator = (10n ** BigInt(period.length) - 1n) * 10n ** BigInt(fixed.length);
        tokens.push({
          is: 'number',
          digits: repeating[0],
          numerator: BigInt(`0${whole}${fixed}${period}`) - BigInt(`0${whole}${fixed}`),
          denominator,
        });
        continue;
      }
      const sure = take(SURE_THOUSANDS) ?? (thousands && depth === 0 ? take(THOUSANDS) : null);
      if (sure !== null) {
        pushNumber(sure[0].replace(/[^\d.]/g, ''));
        continue;
      }
      const decimal = take(DECIMAL_COMMA);
      if (decimal !== null) {
        pushNumber(decimal[0].replace('{,}', '.'));
        continue;
      }
      const plain = take(SCIENTIFIC) ?? take(PLAIN);
      if (plain !== null) {
        pushNumber(plain[0]);
        continue;
      }
    }
    if (take(SPACE) !== null) continue;
    if (next === '\\') {
      const environment = take(ENVIRONMENT);
      if (environment !== null) {
        tokens.push({
          is: environment[1] as 'begin' | 'end',
          text: (environment[2] as string).replace('*', ''),
        });
        continue;
      }
      const blackboard = take(BOARD);
      if (blackboard !== null) {
        tokens.push({ is: 'command', text: `set-${blackboard[1] as string}` });
        continue;
      }
      const words = take(TEXT);
      if (words !== null) {
        const content = (words[1] as string).trim();
        if (FUNCTION_TEXT.has(content)) tokens.push({ is: 'command', text: content });
        else if (/^[A-Za-z]$/.test(content)) tokens.push({ is: 'letter', text: content });
        else if (/^[\d.]+$/.test(content)) pushNumber(content.replace(/\.$/, ''));
        else if (content !== '') tokens.push({ is: 'text', text: content });
        continue;
      }
      const command = take(COMMAND);
      if (command !== null) {
        tokens.push({ is: 'command', text: command[1] as string });
        continue;
      }
      const pair = text.slice(position, position + 2);
      if (['\\{', '\\}', '\\\\', '\\|', '\\%'].includes(pair)) {
        if (pair === '\\{') depth++;
        if (pair === '\\}') depth--;
        tokens.push({ is: 'sign', text: pair });
        position += 2;
        continue;
      }
      throw new Unreadable(`"${pair}" is not known`);
    }
    const word = take(WORD);
    if (word !== null) {
      for (const part of wordParts(word[0])) tokens.push(part);
      continue;
    }
    if ('([{'.includes(next)) depth += next === '{' ? 0 : 1;
    if (')]'.includes(next)) depth--;
    const two = text.slice(position, position + 2);
    const sign = ['<=', '>=', '!=', '**', '=='].includes(two) ? two : next;
    tokens.push({ is: 'sign', text: sign });
    position += sign.length;
  }
  return tokens;
}

/** A run of letters: a known word, a word of prose, or letters that are multiplied. */
function wordParts(word: string): readonly Token[] {
  const lower = word.toLowerCase();
  if (word.length > 1 && KNOWN_WORDS.has(lower)) return [{ is: 'command', text: lower }];
  if (word.length > 1) {
    const known = GLUED.find((name) => lower.startsWith(name) && word.length <= name.length + 2);
    if (known !== undefined && word.length > known.length)
      return [{ is: 'command', text: known }, ...wordParts(word.slice(known.length))];
  }
  if (word.length > 3) return [{ is: 'text', text: word }];
  return [...word].map((letter): Token => ({ is: 'letter', text: letter }));
}

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
const SURE_THOUSANDS = /\d{1,3}(?:(?:\{,\}|,\\!|\\,|\\!|\\ )\s?\d{3})+(?!\d)(?:\.\d+)?/y;
const THOUSANDS = /\d{1,3}(?:(?:,\d{3})+|(?: \d{3})+)(?!\d)(?:\.\d+)?/y;
const DECIMAL_COMMA = /\d+\{,\}\d+/y;
const SCIENTIFIC = /(?:\d+\.?\d*|\.\d+)[eE][+-]?\d{1,3}(?!\d)/y;
const PLAIN = /\d+\.\d+|\.\d+|\d+/y;
const ENVIRONMENT = /\\(begin|end)\s?\{([a-z]{1,12}\*?)\}(?:\{[clr|\s]{0,40}\})?/y;
const TEXT =
  /\\(?:text|textbf|textit|textrm|textnormal|mbox|mathrm|mathbf|rm|operatorname\*?)\s{0,2}\{([^{}]{0,200})\}/y;
const COMMAND = /\\([A-Za-z]+)/y;
const BOARD = /\\(?:mathbb|mathbf|Bbb)\s{0,2}\{?\s{0,2}([RQZNC])\s{0,2}\}?/y;
const WORD = /[A-Za-z]+/y;
const SPACE = /(?:\s|~|\\[,;:! ]|\\(?:quad|qquad|thinspace)(?![A-Za-z]))+/y;

/** Words that are functions or names even without a backslash. */
const KNOWN_WORDS = new Set(
  'sqrt pi sin cos tan cot sec csc arcsin arccos arctan asin acos atan sinh cosh tanh asinh acosh atanh log ln exp abs infinity infty inf theta alpha beta gamma frac and or floor ceil gcd lcm max min binom mod union times'.split(
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
  'floor',
  'ceil',
  'mod',
  'sinh',
  'cosh',
  'tanh',
  'asin',
  'acos',
  'atan',
  'asinh',
  'acosh',
  'atanh',
  'arcsinh',
  'arccosh',
  'arctanh',
  'arsinh',
  'arcosh',
  'artanh',
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
export const tokenize = (text: string, thousands: boolean): readonly Token[] =>
  new Tokenizer(text, thousands).run();

class Tokenizer {
  readonly #tokens: Token[] = [];
  #position = 0;
  #depth = 0;

  constructor(
    private readonly text: string,
    private readonly thousands: boolean,
  ) {}

  run(): readonly Token[] {
    while (this.#position < this.text.length) {
      if (this.#tokens.length > MOST_TOKENS) throw new Unreadable('it is too long');
      const next = this.text[this.#position] as string;
      if (/[\d.]/.test(next) && this.#number()) continue;
      if (this.#take(SPACE) !== null) continue;
      if (next === '\\') {
        this.#command();
        continue;
      }
      const word = this.#take(WORD);
      if (word !== null) this.#tokens.push(...wordParts(word[0]));
      else this.#sign(next);
    }
    return this.#tokens;
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.text);
    if (found !== null) this.#position = pattern.lastIndex;
    return found;
  }

  #pushNumber(digits: string): void {
    if (digits.length > MOST_DIGITS) throw new Unreadable('a number has too many digits');
    this.#tokens.push({ is: 'number', digits, ...rational(digits) });
  }

  /** Reads a number; false if there is none, as for a full stop. */
  #number(): boolean {
    const repeating = this.#take(REPEATING);
    if (repeating !== null) {
      this.#pushRepeating(repeating);
      return true;
    }
    const grouped =
      this.#take(SURE_THOUSANDS) ??
      (this.thousands && this.#depth === 0 ? this.#take(THOUSANDS) : null);
    if (grouped !== null) {
      this.#pushNumber(grouped[0].replace(/[^\d.]/g, ''));
      return true;
    }
    const decimal = this.#take(DECIMAL_COMMA);
    if (decimal !== null) {
      this.#pushNumber(decimal[0].replace('{,}', '.'));
      return true;
    }
    const plain = this.#take(SCIENTIFIC) ?? this.#take(PLAIN);
    if (plain !== null) this.#pushNumber(plain[0]);
    return plain !== null;
  }

  #pushRepeating([digits, whole = '', fixed = '', period = '']: RegExpExecArray): void {
    if (whole.length + fixed.length > MOST_DIGITS)
      throw new Unreadable('a number has too many digits');
    this.#tokens.push({
      is: 'number',
      digits,
      numerator: BigInt(`0${whole}${fixed}${period}`) - BigInt(`0${whole}${fixed}`),
      denominator: (10n ** BigInt(period.length) - 1n) * 10n ** BigInt(fixed.length),
    });
  }

  /** Reads what begins with a backslash. */
  #command(): void {
    const environment = this.#take(ENVIRONMENT);
    if (environment !== null) {
      const [, is, name] = environment as unknown as readonly [string, 'begin' | 'end', string];
      this.#tokens.push({ is, text: name.replace('*', '') });
      return;
    }
    const blackboard = this.#take(BOARD);
    if (blackboard !== null) {
      this.#tokens.push({ is: 'command', text: `set-${blackboard[1] as string}` });
      return;
    }
    const words = this.#take(TEXT);
    if (words !== null) {
      this.#pushText((words[1] as string).trim());
      return;
    }
    const command = this.#take(COMMAND);
    if (command !== null) {
      this.#tokens.push({ is: 'command', text: command[1] as string });
      return;
    }
    const pair = this.text.slice(this.#position, this.#position + 2);
    if (!['\\{', '\\}', '\\\\', '\\|', '\\%'].includes(pair))
      throw new Unreadable(`"${pair}" is not known`);
    if (pair === '\\{') this.#depth++;
    if (pair === '\\}') this.#depth--;
    this.#pushSign(pair);
  }

  #pushText(content: string): void {
    if (FUNCTION_TEXT.has(content)) this.#tokens.push({ is: 'command', text: content });
    else if (/^\([A-Za-z]\)$/.test(content))
      this.#tokens.push({ is: 'letter', text: content[1] as string });
    else if (/^[A-Za-z]$/.test(content)) this.#tokens.push({ is: 'letter', text: content });
    else if (/^[\d.]+$/.test(content)) this.#pushNumber(content.replace(/\.$/, ''));
    else if (content !== '') this.#tokens.push({ is: 'text', text: content });
  }

  #sign(next: string): void {
    if ('(['.includes(next)) this.#depth++;
    if (')]'.includes(next)) this.#depth--;
    const two = this.text.slice(this.#position, this.#position + 2);
    this.#pushSign(['<=', '>=', '!=', '**', '=='].includes(two) ? two : next);
  }

  #pushSign(sign: string): void {
    this.#tokens.push({ is: 'sign', text: sign });
    this.#position += sign.length;
  }
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

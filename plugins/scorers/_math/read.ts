/**
 * Tokens → an expression: a recursive-descent parser of the LaTeX and plain text in which answers
 * are written.
 */
import { cleaned } from './clean.js';
import {
  call,
  INFINITY,
  number,
  REALS,
  symbol,
  TRIGONOMETRIC,
  Unreadable,
  type Closing,
  type Expression,
  type Opening,
  type Operation,
  type Relation,
} from './expression.js';
import { tokenize, type Token } from './tokens.js';

const LONGEST = 2000;
const DEEPEST = 60;

const RELATIONS: Readonly<Record<string, Relation>> = {
  '=': '=',
  '==': '=',
  '<': '<',
  '>': '>',
  '<=': '≤',
  '>=': '≥',
  '!=': '≠',
  le: '≤',
  leq: '≤',
  leqslant: '≤',
  ge: '≥',
  geq: '≥',
  geqslant: '≥',
  lt: '<',
  gt: '>',
  ne: '≠',
  neq: '≠',
  approx: '≈',
  in: '∈',
  equiv: '=',
};
const CONSTANTS: Readonly<Record<string, Expression>> = {
  infty: INFINITY,
  infinity: INFINITY,
  inf: INFINITY,
  pi: symbol('π'),
  emptyset: { kind: 'set', items: [] },
  varnothing: { kind: 'set', items: [] },
  'set-R': REALS,
};
const FUNCTIONS: Readonly<Record<string, Operation>> = {
  ...Object.fromEntries(TRIGONOMETRIC.map((name) => [name, name])),
  arcsin: 'asin',
  arccos: 'acos',
  arctan: 'atan',
  arccot: 'acot',
  arcsinh: 'asinh',
  arccosh: 'acosh',
  arctanh: 'atanh',
  arsinh: 'asinh',
  arcosh: 'acosh',
  artanh: 'atanh',
  ln: 'ln',
  log: 'log',
  lg: 'log',
  exp: 'exp',
  abs: 'abs',
  floor: 'floor',
  ceil: 'ceil',
  det: 'determinant',
  gcd: 'gcd',
  lcm: 'lcm',
  max: 'max',
  min: 'min',
};
const INVERSE: Readonly<Record<string, Operation>> = {
  sin: 'asin',
  cos: 'acos',
  tan: 'atan',
  cot: 'acot',
  sinh: 'asinh',
  cosh: 'acosh',
  tanh: 'atanh',
};
const JOINING = new Set(['and', 'or', '和', '或', 'And', 'Or', 'and/or']);
const OPENING: Readonly<Record<string, Opening>> = { '(': '(', '[': '[', langle: '<' };
const CLOSING: Readonly<Record<string, Closing>> = { ')': ')', ']': ']', rangle: '>' };
const NAMED_SYMBOLS = new Set(
  'alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta kappa lambda mu nu xi rho sigma tau phi varphi chi psi omega Delta Gamma Omega Sigma Theta Lambda Phi Psi ell hbar'.split(
    ' ',
  ),
);

/** `2:3` as a quotient; a time such as `12:00` as a pair. */
const ratio = (left: Expression, right: Expression): Expression =>
  right.kind === 'number' && right.numerator === 0n
    ? { kind: 'bracketed', open: '<', close: '>', items: [left, right] }
    : call('divide', left, right);

/** What `f(x) =` may look like before the value that a function has. */
const DEFINED =
  /^\\?[a-zA-Z](?:_\{?\w{1,3}\}?)?(?:\^\{?-1\}?|'{1,3})?\s?\(\s?[a-zA-Z]{1,2}(?:\s?,\s?[a-zA-Z]{1,2}){0,3}\s?\)\s?=(?!=)/;

class Reader {
  #position = 0;
  #depth = 0;
  #bars = 0;
  #sets = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  readAll(): Expression {
    const read = this.#list();
    if (this.#position < this.tokens.length)
      throw new Unreadable(
        `"${this.#peek()?.is === 'number' ? 'a number' : this.#word()}" is not expected there`,
      );
    return read;
  }

  #peek(ahead = 0): Token | undefined {
    return this.tokens[this.#position + ahead];
  }

  /** The current symbol or command; empty at the end and before numbers, letters and texts. */
  #word(ahead = 0): string {
    const token = this.#peek(ahead);
    return token === undefined ||
      token.is === 'number' ||
      token.is === 'letter' ||
      token.is === 'text'
      ? ''
      : token.text;
  }

  #skip(...words: readonly string[]): boolean {
    if (!words.includes(this.#word())) return false;
    this.#position++;
    return true;
  }

  #expect(word: string): void {
    if (!this.#skip(word)) throw new Unreadable(`"${word}" is missing`);
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > DEEPEST) throw new Unreadable('it is nested too deeply');
    const result = read();
    this.#depth--;
    return result;
  }

  #joined(): boolean {
    const token = this.#peek();
    if (token?.is === 'text' && JOINING.has(token.text.replace(/^[\s,;]+|[\s,;]+$/g, ''))) {
      this.#position++;
      return true;
    }
    return this.#skip('and', 'or', 'vee', 'wedge', 'lor', 'land');
  }

  /** Items between commas; where semicolons divide several of them, each part is a tuple. */
  #list(): Expression {
    const parts: Expression[][] = [[this.#relation()]];
    for (;;) {
      const apart = this.#word() === ';';
      let joined = this.#skip(',', ';');
      joined = this.#joined() || joined;
      if (!joined || this.#position >= this.tokens.length) break;
      if (apart) parts.push([]);
      (parts.at(-1) as Expression[]).push(this.#relation());
    }
    const width = parts[0]?.length ?? 0;
    const items =
      parts.length > 1 && width > 1 && parts.every(({ length }) => length === width)
        ? parts.map((part): Expression => ({
            kind: 'bracketed',
            open: '(',
            close: ')',
            items: part,
          }))
        : parts.flat();
    return items.length === 1 ? (items[0] as Expression) : { kind: 'list', items };
  }

  #relation(): Expression {
    const sides = [this.#union()];
    const relations: Relation[] = [];
    for (
      let relation = RELATIONS[this.#word()];
      relation !== undefined;
      relation = RELATIONS[this.#word()]
    ) {
      this.#position++;
      if ((relation === '<' || relation === '>') && this.#skip('='))
        relation = relation === '<' ? '≤' : '≥';
      relations.push(relation);
      sides.push(this.#union());
    }
    return relations.length === 0
      ? (sides[0] as Expression)
      : { kind: 'relation', sides, relations };
  }

  #union(): Expression {
    const items = [this.#sum()];
    let without: Expression | undefined;
    for (;;) {
      if (this.#skip('cup', 'union')) items.push(this.#sum());
      else if (this.#skip('setminus', 'backslash')) without = this.#sum();
      else break;
    }
    const operand: Expression =
      items.length === 1 ? (items[0] as Expression) : { kind: 'union', items };
    return without === undefined ? operand : { kind: 'difference', of: operand, without };
  }

  #sum(): Expression {
    let left: Expression;
    if (this.#skip('pm')) left = call('plus-minus', number(0n), this.#product());
    else if (this.#skip('mp')) left = call('minus-plus', number(0n), this.#product());
    else left = this.#product();
    for (;;) {
      if (this.#skip('+')) left = call('add', left, this.#product());
      else if (this.#skip('-')) left = call('add', left, call('negate', this.#product()));
      else if (this.#skip('pm')) left = call('plus-minus', left, this.#product());
      else if (this.#skip('mp')) left = call('minus-plus', left, this.#product());
      else return left;
    }
  }

  #product(): Expression {
    let left = this.#signed();
    for (;;) {
      if (this.#skip('*', 'cdot', 'times', 'ast')) left = call('multiply', left, this.#signed());
      else if (this.#skip('/', 'div')) left = call('divide', left, this.#signed());
      else if (this.#sets === 0 && this.#skip(':')) left = ratio(left, this.#signed());
      else if (this.#skip('bmod', 'mod')) left = call('mod', left, this.#signed());
      else if (this.#beginsFactor()) left = this.#readAdjacent(left);
      else return left;
    }
  }

  /** Two factors in sequence: a product, or a mixed number such as 3 1/2. */
  #readAdjacent(left: Expression): Expression {
    const before = this.#peek(-1);
    const isNegative = left.kind === 'call' && left.name === 'negate';
    const whole = isNegative ? (left.of[0] as Expression) : left;
    const next = this.#peek();
    if (next?.is === 'number') {
      const [slash, below] = [this.#peek(1), this.#peek(2)];
      const mixed =
        before?.is === 'number' &&
        whole.kind === 'number' &&
        slash?.is === 'sign' &&
        slash.text === '/' &&
        below?.is === 'number' &&
        whole.denominator === 1n;
      if (!mixed) throw new Unreadable('two numbers follow each other');
      this.#position += 3;
      const mixedNumber = call(
        'add',
        whole,
        call(
          'divide',
          number(next.numerator, next.denominator),
          number(below.numerator, below.denominator),
        ),
      );
      return isNegative ? call('negate', mixedNumber) : mixedNumber;
    }
    const fraction =
      this.#word() === 'frac' &&
      whole.kind === 'number' &&
      whole.denominator === 1n &&
      before?.is === 'number';
    const right = this.#power();
    const isMixed =
      fraction &&
      right.kind === 'call' &&
      right.name === 'divide' &&
      right.of.every(({ kind }) => kind === 'number');
    if (!isMixed) return call('multiply', left, right);
    const mixed = call('add', whole, right);
    return isNegative ? call('negate', mixed) : mixed;
  }

  #signed(): Expression {
    return this.#nested(() => {
      if (this.#skip('-')) return call('negate', this.#signed());
      if (this.#skip('+')) return this.#signed();
      return this.#power();
    });
  }

  #power(): Expression {
    let base = this.#postfixed();
    while (this.#word() === '^' || this.#word() === '**') {
      this.#position++;
      if (this.#skip('circ')) base = call('degrees', base);
      else if (this.#word() === '{' && this.#word(1) === 'circ') {
        this.#position += 2;
        this.#expect('}');
        base = call('degrees', base);
      } else if (this.#skip('prime')) continue;
      else {
        const exponent = this.#exponent();
        // x^2_1 is x_1^2
        if (base.kind === 'symbol' && this.#skip('_'))
          base = symbol(`${base.name}_${this.#index()}`);
        base = call('power', base, exponent);
      }
      base = this.#suffixes(base);
    }
    return base;
  }

  /** What follows `^` or `_`: a group, else one digit, letter or command with its arguments. */
  #exponent(): Expression {
    return this.#nested(() => {
      if (this.#skip('-')) return call('negate', this.#exponent());
      if (this.#skip('+')) return this.#exponent();
      const base = this.#primary();
      if (this.#word() !== '^' || this.#word(1) === 'circ') return base;
      this.#position++;
      return call('power', base, this.#exponent());
    });
  }

  #suffixes(base: Expression): Expression {
    let value = base;
    for (;;) {
      if (this.#skip('!')) value = call('factorial', value);
      else if (this.#skip('%', '\\%')) value = call('divide', value, number(100n));
      else return value;
    }
  }

  #postfixed(): Expression {
    let base = this.#suffixes(this.#primary());
    while (this.#word() === '_') {
      this.#position++;
      if (base.kind === 'number') base = call('base', base, this.#primary());
      else if (base.kind === 'symbol') base = symbol(`${base.name}_${this.#index()}`);
      else throw new Unreadable('an index follows something that is not a name');
    }
    return this.#suffixes(base);
  }

  /** The index of a name, as written: `1`, `n-1`, `MBCN`. */
  #index(): string {
    const start = this.#position;
    if (this.#skip('{')) {
      for (let depth = 1; depth > 0; this.#position++) {
        const token = this.#peek();
        if (token === undefined) throw new Unreadable('an index is not closed');
        if (this.#word() === '{') depth++;
        if (this.#word() === '}') depth--;
      }
    } else this.#primary();
    return this.tokens
      .slice(start, this.#position)
      .map((token) => (token.is === 'number' ? token.digits : token.text))
      .filter((text) => text !== '{' && text !== '}')
      .join('');
  }

  #beginsFactor(): boolean {
    const token = this.#peek();
    if (token === undefined) return false;
    if (token.is === 'number' || token.is === 'letter' || token.is === 'begin') return true;
    if (token.is === 'sign')
      return ['(', '[', '{'].includes(token.text) || (token.text === '|' && this.#bars === 0);
    if (token.is !== 'command') return false;
    return (
      token.text in FUNCTIONS ||
      token.text in CONSTANTS ||
      NAMED_SYMBOLS.has(token.text) ||
      ['frac', 'sqrt', 'binom', 'overline', 'lfloor', 'lceil', 'lvert', 'vec', 'langle'].includes(
        token.text,
      )
    );
  }

  #primary(): Expression {
    return this.#nested(() => this.#first());
  }

  #first(): Expression {
    const token = this.#peek();
    if (token === undefined) throw new Unreadable('it ends too early');
    this.#position++;
    if (token.is === 'number') return number(token.numerator, token.denominator);
    if (token.is === 'letter') return token.text === 'e' ? symbol('e') : symbol(token.text);
    if (token.is === 'text')
      throw new Unreadable(`it contains the words "${token.text.slice(0, 40)}"`);
    if (token.is === 'begin') return this.#environment(token.text);
    if (token.text in OPENING) return this.#bracketed(OPENING[token.text] as Opening);
    switch (token.text) {
      case '{':
        return this.#group();
      case '\\{':
        return this.#set();
      case '|':
      case 'lvert':
      case '\\|': {
        this.#bars++;
        const inner = this.#sum();
        this.#bars--;
        if (!this.#skip('|', 'rvert', '\\|')) throw new Unreadable('a bar is missing');
        return call('abs', inner);
      }
      case 'lfloor':
      case 'lceil': {
        const inner = this.#sum();
        this.#expect(token.text === 'lfloor' ? 'rfloor' : 'rceil');
        return call(token.text === 'lfloor' ? 'floor' : 'ceil', inner);
      }
      case 'frac': {
        const above = this.#argument();
        return call('divide', above, this.#argument());
      }
      case 'binom': {
        const above = this.#argument();
        return call('binomial', above, this.#argument());
      }
      case 'sqrt': {
        if (!this.#skip('[')) return call('root', this.#primary(), number(2n)); // √12, not √1·2
        const index = this.#sum();
        this.#expect(']');
        return call('root', this.#primary(), index);
      }
      case 'overline':
      case 'vec':
      case 'hat': {
        const inner = this.#argument();
        return symbol(
          `${token.text}(${JSON.stringify(inner, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))})`,
        );
      }
      default:
        if (token.text in CONSTANTS) return CONSTANTS[token.text] as Expression;
        if (NAMED_SYMBOLS.has(token.text)) return symbol(token.text.replace(/^var/, ''));
        if (token.text in FUNCTIONS) return this.#applied(token.text);
        throw new Unreadable(`"${token.text}" is not known`);
    }
  }

  /** An argument of a command: a group, or one character as in `\frac12`. */
  #argument(): Expression {
    const token = this.#peek();
    if (token?.is === 'number' && token.digits.length > 1 && /^\d+$/.test(token.digits)) {
      const [first = '', ...rest] = token.digits;
      const remaining = rest.join('');
      (this.tokens as Token[])[this.#position] = {
        is: 'number',
        digits: remaining,
        numerator: BigInt(remaining),
        denominator: 1n,
      };
      return number(BigInt(first));
    }
    return this.#primary();
  }

  #applied(name: string): Expression {
    const operation = FUNCTIONS[name] as Operation;
    let base: Expression | undefined;
    let exponent: Expression | undefined;
    for (let i = 0; i < 2; i++) {
      if (base === undefined && this.#skip('_')) base = this.#exponent();
      else if (exponent === undefined && this.#skip('^')) exponent = this.#exponent();
    }
    const inverse =
      exponent?.kind === 'call' &&
      exponent.name === 'negate' &&
      exponent.of[0]?.kind === 'number' &&
      exponent.of[0].numerator === 1n
        ? INVERSE[name]
        : undefined;
    const bracket = this.#word() === '(' || this.#word() === '[' || this.#word() === '{';
    let given = bracket ? this.#primary() : this.#tight();
    if (bracket && this.#word() === '!') given = this.#suffixes(given);
    const operands = given.kind === 'bracketed' ? given.items : [given];
    const value = call(inverse ?? operation, ...operands, ...(base === undefined ? [] : [base]));
    return exponent === undefined || inverse !== undefined ? value : call('power', value, exponent);
  }

  /**
   * The argument of a function without brackets: consecutive factors, up to a sign or the next
   * function.
   */
  #tight(): Expression {
    if (this.#skip('-')) return call('negate', this.#tight());
    let left = this.#power();
    while (this.#beginsFactor() && !(this.#word() in FUNCTIONS)) left = this.#readAdjacent(left);
    if (this.#word() === '/' && this.#peek(1)?.is === 'number') {
      this.#position++;
      left = call('divide', left, this.#power());
    }
    return left;
  }

  #group(): Expression {
    const inner = this.#list();
    this.#expect('}');
    return inner;
  }

  #set(): Expression {
    if (this.#skip('\\}')) return { kind: 'set', items: [] };
    this.#sets++;
    const inner = this.#bars === 0 ? this.#list() : this.#sum();
    this.#sets--;
    if (this.#skip('mid', '|', ':')) {
      const condition = this.#list();
      this.#expect('\\}');
      return condition;
    }
    this.#expect('\\}');
    if (inner.kind === 'relation') return inner;
    return { kind: 'set', items: inner.kind === 'list' ? inner.items : [inner] };
  }

  #bracketed(open: Opening): Expression {
    const bars = this.#bars;
    this.#bars = 0;
    const inner = this.#list();
    this.#bars = bars;
    const close = CLOSING[this.#word()];
    if (close === undefined) throw new Unreadable('a bracket is not closed');
    this.#position++;
    if (inner.kind === 'list') return { kind: 'bracketed', open, close, items: inner.items };
    if (open === '(' || inner.kind === 'relation') return inner;
    return open === '[' && inner.kind !== 'bracketed'
      ? inner
      : { kind: 'bracketed', open, close, items: [inner] };
  }

  #environment(name: string): Expression {
    if (!/^(?:[pbvBV]?matrix|smallmatrix|array|cases)$/.test(name))
      throw new Unreadable(`the environment "${name}" is not known`);
    const rows: Expression[][] = [[]];
    for (;;) {
      if (this.#peek()?.is === 'end') break;
      if (this.#skip('\\\\', 'cr')) {
        rows.push([]);
        continue;
      }
      (rows.at(-1) as Expression[]).push(this.#relation());
      if (
        !this.#skip('&') &&
        this.#word() !== '\\\\' &&
        this.#word() !== 'cr' &&
        this.#peek()?.is !== 'end'
      )
        throw new Unreadable('a matrix is not well formed');
    }
    this.#position++;
    if ((rows.at(-1) as Expression[]).length === 0) rows.pop();
    if (name === 'cases') return { kind: 'list', items: rows.flat() };
    if (rows.length === 0 || rows.some((row) => row.length !== rows[0]?.length || row.length === 0))
      throw new Unreadable('the rows of a matrix differ in length');
    const matrix: Expression = { kind: 'matrix', rows };
    return name === 'vmatrix' ? call('determinant', matrix) : matrix;
  }
}

/** Words without mathematics, as in `\text{Monday}`, `none` or `no solution`. */
export function readWords(text: string): string | undefined {
  const bare = text
    .replace(/\\(?:text|textbf|textit|textrm|textnormal|mathrm|mathbf|mbox)\s{0,2}(?=\{)/g, '')
    .replace(/[{}()[\]*]/g, '')
    .trim();
  return /^[\p{L}][\p{L}\s'’.,-]*$/u.test(bare) && /[\p{L}]{2}/u.test(bare)
    ? bare.replace(/\s+/g, ' ').toLowerCase()
    : undefined;
}

/**
 * Reads an answer. `thousands`: whether `1,000` outside of brackets is one number.
 * @throws Unreadable with the reason.
 */
export function read(text: string, thousands: boolean): Expression {
  if (text.length > LONGEST) throw new Unreadable('it is too long');
  const clean = cleaned(text);
  if (clean === '') throw new Unreadable('it is empty');
  const stripped = clean
    .replace(DEFINED, '')
    // a function of a name is a name
    .replace(
      /(?<![A-Za-z\\])([fgh])\s?\(\s?([a-z])\s?\)/g,
      (_all, f: string, x: string) => `${f}_{${x}}`,
    );
  try {
    return new Reader([...tokenize(stripped, thousands)]).readAll();
  } catch (error) {
    const words = readWords(clean);
    if (words !== undefined) return { kind: 'text', text: words };
    throw error;
  }
}

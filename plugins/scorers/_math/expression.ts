/** The forms of a mathematical answer. */

/** An exact number, a name, or a function of others. */
type Scalar =
  | { readonly kind: 'number'; readonly numerator: bigint; readonly denominator: bigint }
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'call'; readonly name: Operation; readonly of: readonly Expression[] };

/**
 * Functions that the reader recognises; `plus-minus` has two values, `minus-plus` the other two.
 */
export type Operation =
  | 'add'
  | 'negate'
  | 'multiply'
  | 'divide'
  | 'power'
  | 'plus-minus'
  | 'minus-plus'
  | 'root'
  | 'abs'
  | 'floor'
  | 'ceil'
  | 'factorial'
  | 'binomial'
  | 'log'
  | 'ln'
  | 'exp'
  | 'degrees'
  | 'base'
  | 'determinant'
  | 'gcd'
  | 'lcm'
  | 'max'
  | 'min'
  | 'mod'
  | Trigonometric;

/** Trigonometric functions and their inverses, circular and hyperbolic. */
type Trigonometric = (typeof TRIGONOMETRIC)[number];
export const TRIGONOMETRIC = [
  'sin',
  'cos',
  'tan',
  'cot',
  'sec',
  'csc',
  'asin',
  'acos',
  'atan',
  'acot',
  'sinh',
  'cosh',
  'tanh',
  'asinh',
  'acosh',
  'atanh',
] as const;

/** `(`, `[` and `<` (of ⟨a, b⟩). */
export type Opening = '(' | '[' | '<';
export type Closing = ')' | ']' | '>';

export type Relation = '=' | '≠' | '<' | '>' | '≤' | '≥' | '≈' | '∈';

/**
 * An answer: a scalar, several of them, a set, an interval (a bracketed pair), a union, a matrix, a
 * relation, or words.
 */
export type Expression =
  | Scalar
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'set'; readonly items: readonly Expression[] }
  | {
      readonly kind: 'bracketed';
      readonly open: Opening;
      readonly close: Closing;
      readonly items: readonly Expression[];
    }
  | { readonly kind: 'union'; readonly items: readonly Expression[] }
  | { readonly kind: 'difference'; readonly of: Expression; readonly without: Expression }
  | { readonly kind: 'matrix'; readonly rows: readonly (readonly Expression[])[] }
  | {
      readonly kind: 'relation';
      readonly sides: readonly Expression[];
      readonly relations: readonly Relation[];
    }
  | { readonly kind: 'text'; readonly text: string };

export const number = (numerator: bigint, denominator = 1n): Expression => ({
  kind: 'number',
  numerator,
  denominator,
});
export const symbol = (name: string): Expression => ({ kind: 'symbol', name });
export const call = (name: Operation, ...operands: readonly Expression[]): Expression => ({
  kind: 'call',
  name,
  of: operands,
});

export const INFINITY = symbol('∞');
export const NEGATIVE_INFINITY = call('negate', INFINITY);
/** All real numbers. */
export const REALS: Expression = {
  kind: 'bracketed',
  open: '(',
  close: ')',
  items: [NEGATIVE_INFINITY, INFINITY],
};

/** Why a text cannot be read as mathematics. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

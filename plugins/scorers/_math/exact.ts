/** Exact rational arithmetic on expressions without names. */
import { math, type Fraction } from './engine.js';
import type { Expression } from './expression.js';

const MOST_BITS = 20_000;
const MOST_FACTORIAL = 500n;

type Rational = { readonly n: bigint; readonly d: bigint; readonly s: bigint } & Fraction;
const fraction = (numerator: bigint, denominator: bigint): Rational =>
  new (math as unknown as { Fraction: new (n: bigint, d: bigint) => Rational }).Fraction(
    numerator,
    denominator,
  );
const toInteger = (value: Rational): bigint | undefined =>
  value.d === 1n ? value.s * value.n : undefined;
const bits = (value: bigint): number => value.toString(16).length * 4;
const divided = (a: bigint, b: bigint): bigint =>
  a % b !== 0n && a < 0n !== b < 0n ? a / b - 1n : a / b;
const greatest = (a: bigint, b: bigint): bigint =>
  b === 0n ? (a < 0n ? -a : a) : greatest(b, a % b);

const product = (from: bigint, to: bigint): bigint => {
  let value = 1n;
  for (let i = from; i <= to; i++) value *= i;
  return value;
};

/** The exact value, or undefined if it is not rational, not defined, or too long to write down. */
export function exactly(expression: Expression): Rational | undefined {
  if (expression.kind === 'number') return fraction(expression.numerator, expression.denominator);
  if (expression.kind !== 'call') return undefined;
  const operands: Rational[] = [];
  for (const part of expression.of) {
    const value = exactly(part);
    if (value === undefined || bits(value.n) + bits(value.d) > MOST_BITS) return undefined;
    operands.push(value);
  }
  const [a, b] = operands as [Rational, Rational];
  const wholes = operands.map(toInteger);
  const [n, k] = wholes as [bigint | undefined, bigint | undefined];
  switch (expression.name) {
    case 'add':
      return a.add(b) as Rational;
    case 'negate':
      return a.neg() as Rational;
    case 'multiply':
      return a.mul(b) as Rational;
    case 'divide':
      return b.n === 0n ? undefined : (a.div(b) as Rational);
    case 'power': {
      if (k === undefined || (a.n === 0n && k <= 0n)) return undefined;
      const m = k < 0n ? -k : k;
      if ((bits(a.n) + bits(a.d)) * Number(m) > MOST_BITS) return undefined;
      const [above, below] = [(a.s * a.n) ** m, a.d ** m];
      return k < 0n ? fraction(below, above) : fraction(above, below);
    }
    case 'factorial':
      return n === undefined || n < 0n || n > MOST_FACTORIAL
        ? undefined
        : fraction(product(2n, n), 1n);
    case 'binomial':
      return n === undefined || k === undefined || k < 0n || n < k || n > 2n * MOST_FACTORIAL
        ? undefined
        : fraction(product(n - k + 1n, n) / product(2n, k), 1n);
    case 'abs':
      return a.abs() as Rational;
    case 'floor':
      return fraction(divided(a.s * a.n, a.d), 1n);
    case 'ceil':
      return fraction(-divided(-a.s * a.n, a.d), 1n);
    case 'gcd':
    case 'lcm': {
      if (wholes.length < 2 || wholes.includes(undefined)) return undefined;
      const all = wholes as bigint[];
      return fraction(
        all.reduce((x, y) =>
          expression.name === 'gcd'
            ? greatest(x, y)
            : x === 0n || y === 0n
              ? 0n
              : (x * y) / greatest(x, y),
        ),
        1n,
      ).abs() as Rational;
    }
    case 'max':
      return operands.reduce((x, y) => (x.compare(y) >= 0 ? x : y));
    case 'min':
      return operands.reduce((x, y) => (x.compare(y) <= 0 ? x : y));
    case 'mod':
      return n === undefined || k === undefined || k <= 0n
        ? undefined
        : fraction(((n % k) + k) % k, 1n);
    case 'base': {
      const digits = String(n);
      if (
        n === undefined ||
        n < 0n ||
        k === undefined ||
        k < 2n ||
        k > 10n ||
        [...digits].some((digit) => BigInt(digit) >= k)
      )
        return undefined;
      return fraction(
        [...digits].reduce((sum, digit) => sum * k + BigInt(digit), 0n),
        1n,
      );
    }
    default:
      return undefined;
  }
}

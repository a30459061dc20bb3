/** Exact rational arithmetic on expressions without names. */
import { math, type Fraction } from './engine.js';
import type { Expression, Operation } from './expression.js';

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
const absolute = (value: bigint): bigint => (value < 0n ? -value : value);
const greatestDivisor = (a: bigint, b: bigint): bigint =>
  b === 0n ? absolute(a) : greatestDivisor(b, a % b);
const leastMultiple = (a: bigint, b: bigint): bigint =>
  a === 0n || b === 0n ? 0n : (a * b) / greatestDivisor(a, b);

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
  return ofRationals(expression.name, operands) ?? ofIntegers(expression.name, operands);
}

/** Operations on any rational numbers; undefined for others, and if the result is not defined. */
function ofRationals(name: Operation, operands: readonly Rational[]): Rational | undefined {
  const [a, b] = operands as [Rational, Rational];
  switch (name) {
    case 'add':
      return a.add(b) as Rational;
    case 'negate':
      return a.neg() as Rational;
    case 'multiply':
      return a.mul(b) as Rational;
    case 'divide':
      return b.n === 0n ? undefined : (a.div(b) as Rational);
    case 'power':
      return power(a, toInteger(b));
    case 'abs':
      return a.abs() as Rational;
    case 'floor':
      return fraction(divided(a.s * a.n, a.d), 1n);
    case 'ceil':
      return fraction(-divided(-a.s * a.n, a.d), 1n);
    case 'max':
      return operands.reduce((x, y) => (x.compare(y) >= 0 ? x : y));
    case 'min':
      return operands.reduce((x, y) => (x.compare(y) <= 0 ? x : y));
    default:
      return undefined;
  }
}

function power(base: Rational, exponent: bigint | undefined): Rational | undefined {
  if (exponent === undefined || (base.n === 0n && exponent <= 0n)) return undefined;
  const times = absolute(exponent);
  if ((bits(base.n) + bits(base.d)) * Number(times) > MOST_BITS) return undefined;
  const numerator = (base.s * base.n) ** times;
  const denominator = base.d ** times;
  return exponent < 0n ? fraction(denominator, numerator) : fraction(numerator, denominator);
}

/** Operations on integers; undefined for others, and if the result is not defined. */
function ofIntegers(name: Operation, operands: readonly Rational[]): Rational | undefined {
  const integers = operands.map(toInteger).filter((value) => value !== undefined);
  if (integers.length < operands.length) return undefined;
  const [n = 0n, k = 0n] = integers;
  switch (name) {
    case 'factorial':
      return n < 0n || n > MOST_FACTORIAL ? undefined : fraction(product(2n, n), 1n);
    case 'binomial':
      return k < 0n || n < k || n > 2n * MOST_FACTORIAL
        ? undefined
        : fraction(product(n - k + 1n, n) / product(2n, k), 1n);
    case 'gcd':
      return integers.length < 2
        ? undefined
        : fraction(absolute(integers.reduce(greatestDivisor)), 1n);
    case 'lcm':
      return integers.length < 2
        ? undefined
        : fraction(absolute(integers.reduce(leastMultiple)), 1n);
    case 'mod':
      return k <= 0n ? undefined : fraction(((n % k) + k) % k, 1n);
    case 'base':
      return inBase(n, k);
    default:
      return undefined;
  }
}

/** The value of a number whose decimal digits are read in another base. */
function inBase(number: bigint, base: bigint): Rational | undefined {
  const digits = [...String(number)];
  if (number < 0n || base < 2n || base > 10n || digits.some((digit) => BigInt(digit) >= base))
    return undefined;
  return fraction(
    digits.reduce((sum, digit) => sum * base + BigInt(digit), 0n),
    1n,
  );
}

/** Numbers of 34 digits for expressions whose names have values. */
import { exactly } from './exact.js';
import { isBig, isComplex, math, type BigNumber, type Value } from './engine.js';
import { TRIGONOMETRIC, type Expression, type Operation } from './expression.js';
import { getOperationCost, type Work } from './work-budget.js';

/** An expression without a number: an undefined point, or not a scalar. */
export class NoValue extends Error {
  override readonly name = 'NoValue';
}

type Unary = (value: Value) => unknown;
const functions = math as unknown as Readonly<Record<string, Unary>>;
const big = (value: number | string): BigNumber => math.bignumber(value);
const PI = math.multiply(4, math.atan(big(1))) as unknown as BigNumber;
const E = math.exp(big(1)) as unknown as BigNumber;
const I = math.complex(0, 1);
const [HALF_TURN, TEN, TWO] = [big(180), big(10), big(2)];
const LARGEST_FACTORIAL = 1000;
/**
 * For larger arguments, trigonometric functions would need more digits than are available to reduce
 * them.
 */
const LARGEST_ANGLE = big('1e20');

/** Checks that a result is a number. */
const sound = (value: unknown): Value => {
  if (isBig(value)) {
    if (value.isNaN()) throw new NoValue('not a number');
    return value;
  }
  if (isComplex(value)) {
    if (!Number.isFinite(value.re) || !Number.isFinite(value.im))
      throw new NoValue('not a finite number');
    return value;
  }
  if (typeof value === 'number') return sound(big(value));
  throw new NoValue('not a number');
};

const real = (value: Value): BigNumber => {
  if (isBig(value) && value.isFinite()) return value;
  throw new NoValue('not a real number');
};

const log = (value: Value): Value => {
  if (math.isZero(value as BigNumber)) throw new NoValue('the logarithm of 0');
  return sound((math.log as Unary)(value));
};

const divide = (a: Value, b: Value): Value => {
  if (math.isZero(b as BigNumber)) throw new NoValue('division by 0');
  return sound(math.divide(a as BigNumber, b as BigNumber));
};

function power(base: Value, exponent: Value): Value {
  if (isBig(base) && base.isZero() && !(isBig(exponent) && exponent.gt(0)))
    throw new NoValue('a power of 0');
  const result = sound(math.pow(base as BigNumber, exponent as BigNumber));
  if (isBig(result) && !result.isFinite() && isBig(base) && base.isFinite())
    throw new NoValue('a number too large');
  return result;
}

function root(value: Value, index: Value): Value {
  const n = real(index);
  if (n.eq(TWO)) return sound((math.sqrt as Unary)(value));
  if (isBig(value) && n.isInteger() && n.gt(0) && n.lt(1000)) {
    if (value.gte(0) || n.mod(2).eq(1)) return sound(math.nthRoot(value, n));
  }
  return power(value, divide(big(1), index));
}

/**
 * The library's series for these take time that grows with the argument; above 1 the exponential
 * function gives all digits.
 */
const HYPERBOLIC: Readonly<
  Partial<Record<Operation, (up: BigNumber, down: BigNumber) => BigNumber>>
> = {
  sinh: (up, down) => up.minus(down).div(2),
  cosh: (up, down) => up.plus(down).div(2),
  tanh: (up, down) =>
    up.isFinite() && down.isFinite()
      ? up.minus(down).div(up.plus(down))
      : big(up.gt(down) ? 1 : -1),
};

/**
 * The value of an expression. `named` gives values of names.
 * @throws NoValue if there is none, TooMuchWork if it takes too long.
 */
export function computeValue(
  expression: Expression,
  named: ReadonlyMap<string, BigNumber>,
  work: Work,
): Value {
  work.spend(1);
  if (expression.kind === 'number')
    return divide(big(String(expression.numerator)), big(String(expression.denominator)));
  if (expression.kind === 'symbol') {
    const value = named.get(expression.name);
    if (value !== undefined) return value;
    if (expression.name === 'π') return PI;
    if (expression.name === 'e') return E;
    if (expression.name === 'i') return I;
    if (expression.name === '∞') return big(Infinity);
    throw new NoValue(`no value for ${expression.name}`);
  }
  if (expression.kind !== 'call') throw new NoValue('it is no scalar');
  if (expression.name === 'determinant') {
    const [matrix] = expression.of;
    if (
      matrix?.kind !== 'matrix' ||
      matrix.rows.length > 8 ||
      matrix.rows.length !== matrix.rows[0]?.length
    )
      throw new NoValue('no determinant');
    work.spend(getOperationCost('determinant', false));
    return sound(
      math.det(
        math.matrix(
          matrix.rows.map((row) => row.map((cell) => computeValue(cell, named, work) as BigNumber)),
        ),
      ),
    );
  }
  if (expression.name === 'base') {
    const exact = exactly(expression);
    if (exact === undefined) throw new NoValue('no number of that base');
    return big(String(exact.s * exact.n));
  }
  const operands = expression.of.map((part) => computeValue(part, named, work));
  const [first, second] = operands;
  work.spend(
    getOperationCost(
      expression.name,
      expression.name === 'root'
        ? second !== undefined && isBig(second) && second.eq(TWO)
        : second !== undefined && isBig(second) && isBig(first) && second.isInteger(),
    ),
  );
  return applied(expression.name, operands);
}

function applied(name: Operation, operands: readonly Value[]): Value {
  const [a, b] = operands as [Value, Value];
  switch (name) {
    case 'add':
      return sound(math.add(a as BigNumber, b as BigNumber));
    case 'negate':
      return sound(math.unaryMinus(a as BigNumber));
    case 'multiply':
      return sound(math.multiply(a as BigNumber, b as BigNumber));
    case 'divide':
      return divide(a, b);
    case 'power':
      return power(a, b);
    case 'root':
      return root(a, b);
    case 'abs':
      return sound((math.abs as Unary)(a));
    case 'floor':
      return real(a).floor();
    case 'ceil':
      return real(a).ceil();
    case 'exp':
      return sound((math.exp as Unary)(a));
    case 'ln':
      return log(a);
    case 'log':
      return divide(log(a), log(b ?? TEN));
    case 'degrees':
      return sound(math.divide(math.multiply(a as BigNumber, PI) as BigNumber, HALF_TURN));
    case 'factorial': {
      const n = real(a);
      if (!n.isInteger() || n.lt(0) || n.gt(LARGEST_FACTORIAL)) throw new NoValue('no factorial');
      return sound(math.factorial(n));
    }
    case 'binomial': {
      const [n, k] = [real(a), real(b)];
      if (![n, k].every((x) => x.isInteger() && x.gte(0) && x.lte(LARGEST_FACTORIAL)) || k.gt(n))
        throw new NoValue('no binomial coefficient');
      return sound(math.combinations(n, k));
    }
    case 'max':
      return operands.map(real).reduce((x, y) => (x.gte(y) ? x : y));
    case 'min':
      return operands.map(real).reduce((x, y) => (x.lte(y) ? x : y));
    default: {
      if (!(TRIGONOMETRIC as readonly string[]).includes(name))
        throw new NoValue(`no value of ${name}`);
      if (isBig(a) && a.abs().gt(LARGEST_ANGLE)) throw new NoValue('an angle too large');
      const hyperbolic = HYPERBOLIC[name];
      if (hyperbolic !== undefined && isBig(a) && a.abs().gt(1))
        return sound(hyperbolic(math.exp(a), math.exp(a.neg())));
      return sound((functions[name] as Unary)(a));
    }
  }
}

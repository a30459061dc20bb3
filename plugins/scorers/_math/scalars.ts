/**
 * Whether two scalars are equal: rationals exactly, other constants to 20 digits, expressions with
 * names at fixed points. An identity that holds at all points where both sides are real is accepted
 * as true (Schwartz 1980; Zippel 1979).
 */
import type { Scalars, Verdict } from './equal.js';
import { isBig, isComplex, math, type Value } from './engine.js';
import { exactly } from './exact.js';
import { NoValue, computeValue } from './evaluate.js';
import { call, type Expression } from './expression.js';
import { collectSymbols } from './expression-parts.js';
import type { Work } from './work-budget.js';

const SURE = '1e-20';
/** Complex numbers have double precision. */
const DOUBLE = 1e-9;
/** Number of points that must agree: the minimum, and enough to stop. */
const [ENOUGH, PLENTY] = [3, 8];

/**
 * Points between `from` and `to`, distributed by the golden ratio so that no two names ever have
 * the same value.
 */
const spread = (from: number, to: number, count: number) =>
  Array.from(
    { length: count },
    (_, k) => (name: number) =>
      from + (to - from) * ((0.1 + (k + 1) * (name + 1) * 0.6180339887 + name * 0.2971) % 1),
  );
const [POSITIVE, SMALL, NEGATIVE] = [
  spread(0.3, 2.7, 6),
  spread(0.05, 0.95, 6),
  spread(-2.7, -0.3, 6),
];
const WHOLE = [2, 3, 5, 6, 7, 8].map(
  (k) => (name: number) => 2 + ((3 * name + k * (name + 1)) % 9),
);
/**
 * Positive, negative, small and integer points in turn: functions that need one kind are compared
 * at the points of that kind.
 */
const POINTS = POSITIVE.flatMap(
  (positive, i) => [positive, NEGATIVE[i], SMALL[i], WHOLE[i]] as ((name: number) => number)[],
);

const close = (a: Value, b: Value, tolerance: number): boolean => {
  if (isBig(a) && isBig(b)) {
    if (!a.isFinite() || !b.isFinite()) return a.eq(b);
    const scale = a.abs().gt(b.abs()) ? a.abs() : b.abs();
    const allowed = scale.mul(SURE).add('1e-30');
    return a
      .minus(b)
      .abs()
      .lte(tolerance === 0 ? allowed : allowed.add(scale.mul(String(tolerance))));
  }
  const double = (value: Value): { readonly re: number; readonly im: number } =>
    isComplex(value) ? value : { re: Number(value), im: 0 };
  const [x, y] = [double(a), double(b)];
  return (
    Math.hypot(x.re - y.re, x.im - y.im) <=
    (DOUBLE + tolerance) * Math.max(1e-3, Math.hypot(x.re, x.im), Math.hypot(y.re, y.im))
  );
};

/** Digits from which on a rounded value counts as the value itself. */
const ENOUGH_DIGITS = 12;

/** Number of decimals of a decimal fraction with many digits; undefined for other expressions. */
function countDecimals(expression: Expression): number | undefined {
  if (expression.kind === 'call' && expression.name === 'negate')
    return countDecimals(expression.of[0] as Expression);
  if (expression.kind !== 'number') return undefined;
  const digits = String(expression.denominator);
  return /^10{1,400}$/.test(digits) && String(expression.numerator).length >= ENOUGH_DIGITS
    ? digits.length - 1
    : undefined;
}

/** Whether one of two values is the other one rounded or cut off to many decimals. */
function isRounded(a: Known, b: Known, work: Work): boolean {
  const [decimals, others] = [countDecimals(a.expression), countDecimals(b.expression)];
  if ((decimals === undefined) === (others === undefined)) return false;
  const [x, y] = [a, b].map((known) => known.evaluateAt(0, new Map(), work));
  if (x === undefined || y === undefined || !isBig(x) || !isBig(y)) return false;
  if (!x.isFinite() || !y.isFinite()) return false;
  return x
    .minus(y)
    .abs()
    .lt(math.bignumber(10).pow(-(decimals ?? (others as number))));
}

const isImaginary = (expression: Expression): boolean =>
  (expression.kind === 'symbol' && expression.name === 'i') ||
  (expression.kind === 'call' && expression.of.some(isImaginary));

/**
 * Complex values count if `i` was written; otherwise they mean that a point is outside the intended
 * domain.
 */
const usable = (value: Value | undefined, complex: boolean): value is Value =>
  value !== undefined && (complex || isBig(value));

/**
 * What is known about an expression: it is computed once, however many others it is compared with.
 */
class Known {
  readonly key: string;
  readonly names: readonly string[];
  readonly imaginary: boolean;
  readonly #values = new Map<number, Value | undefined>();
  #exact: { readonly value: ReturnType<typeof exactly> } | undefined;

  constructor(readonly expression: Expression) {
    this.key = JSON.stringify(expression, (_key, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    this.names = [...collectSymbols(expression)].sort();
    this.imaginary = isImaginary(expression);
  }

  get exact(): ReturnType<typeof exactly> {
    return (this.#exact ??= { value: exactly(this.expression) }).value;
  }

  /** The value at a point; undefined if there is none. */
  evaluateAt(index: number, numbers: ReadonlyMap<string, number>, work: Work): Value | undefined {
    const point = this.names.length === 0 ? 0 : index;
    if (!this.#values.has(point))
      this.#values.set(
        point,
        this.#valueAt(POINTS[point] as (name: number) => number, numbers, work),
      );
    return this.#values.get(point);
  }

  #valueAt(
    worth: (name: number) => number,
    numbers: ReadonlyMap<string, number>,
    work: Work,
  ): Value | undefined {
    try {
      return computeValue(
        this.expression,
        new Map(
          this.names.map((name) => [
            name,
            math.bignumber(worth(numbers.get(name) as number).toFixed(12)),
          ]),
        ),
        work,
      );
    } catch (error) {
      if (error instanceof NoValue) return undefined;
      throw error;
    }
  }
}

/** Whether an expression is 0 wherever it has a value. */
function isZero(known: Known, numbers: ReadonlyMap<string, number>, work: Work): boolean {
  let compared = 0;
  for (let point = 0; point < POINTS.length && compared < ENOUGH; point++) {
    const value = known.evaluateAt(point, numbers, work);
    if (!usable(value, false) || !isBig(value)) continue;
    if (value.abs().gt('1e-20')) return false;
    compared++;
  }
  return compared === ENOUGH;
}

/** Compares scalars, counted in `work`; `tolerance` is relative, for constants. */
export function scalarsWith(tolerance: number, work: Work): Scalars {
  const known = new WeakMap<Expression, Known>();
  // names are numbered in order of occurrence: a name has one value at a point
  const numbers = new Map<string, number>();
  const getKnown = (expression: Expression): Known => {
    let found = known.get(expression);
    if (found === undefined) {
      found = new Known(expression);
      known.set(expression, found);
      for (const name of found.names) if (!numbers.has(name)) numbers.set(name, numbers.size);
    }
    return found;
  };
  const equal = (left: Expression, right: Expression): Verdict => {
    const [a, b] = [getKnown(left), getKnown(right)];
    work.spend(1);
    if (a.key === b.key) return true;
    const constant = a.names.length === 0 && b.names.length === 0;
    if (constant) {
      const [exactA, exactB] = [a.exact, b.exact];
      if (
        exactA !== undefined &&
        exactB !== undefined &&
        (tolerance === 0 || exactA.equals(exactB))
      )
        return exactA.equals(exactB) || isRounded(a, b, work);
    }
    const complex = constant || a.imaginary || b.imaginary;
    let compared = 0;
    for (let point = 0; point < (constant ? 1 : POINTS.length); point++) {
      const [x, y] = [a.evaluateAt(point, numbers, work), b.evaluateAt(point, numbers, work)];
      if (!usable(x, complex) || !usable(y, complex)) continue;
      if (!close(x, y, constant ? tolerance : 0)) return constant && isRounded(a, b, work);
      if (++compared === PLENTY) return true;
    }
    return compared >= (constant ? 1 : ENOUGH) ? true : undefined;
  };
  const proportional = (left: Expression, right: Expression): Verdict => {
    const [a, b] = [getKnown(left), getKnown(right)];
    if (a.names.length === 0 || a.names.join() !== b.names.join())
      return a.names.join() === b.names.join() ? undefined : false;
    const zeros = [a, b].map((known) => isZero(known, numbers, work));
    // an identity says nothing, so it is neither the same as another one nor as an equation
    if (zeros.includes(true)) return zeros[0] === zeros[1] ? undefined : false;
    const ratio = getKnown(call('divide', left, right));
    let first: Value | undefined;
    let compared = 0;
    for (let point = 0; point < POINTS.length; point++) {
      const value = ratio.evaluateAt(point, numbers, work);
      if (!usable(value, false) || (isBig(value) && value.isZero())) continue;
      if (first !== undefined && !close(first, value, 0)) return false;
      first ??= value;
      if (++compared === PLENTY) return true;
    }
    return compared >= ENOUGH ? true : undefined;
  };
  return { equal, proportional };
}

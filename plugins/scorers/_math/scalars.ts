/**
 * Whether two scalars are equal: rationals exactly, other constants to 20 digits, expressions with names at fixed points. An
 * identity that holds at all points where both sides are real is taken as true (Schwartz 1980; Zippel 1979).
 */
import type { Scalars, Verdict } from './equal.js';
import { isBig, isComplex, math, type BigNumber, type Value } from './engine.js';
import { exactly } from './exact.js';
import { NoValue, valueOf } from './evaluate.js';
import { call, type Expression } from './expression.js';
import { symbolsOf } from './shape.js';

const SURE = '1e-20';
/** Complex numbers have double precision. */
const DOUBLE = 1e-9;
/** Points that must agree: at least, and enough to stop at. */
const [ENOUGH, PLENTY] = [3, 8];

/** Points between `from` and `to`, spread by the golden ratio so that no two names ever share a value. */
const spread = (from: number, to: number, count: number) => Array.from({ length: count }, (_, k) => (name: number) => from + (to - from) * ((0.1 + (k + 1) * (name + 1) * 0.6180339887 + name * 0.2971) % 1));
const [POSITIVE, SMALL, NEGATIVE] = [spread(0.3, 2.7, 6), spread(0.05, 0.95, 6), spread(-2.7, -0.3, 6)];
const WHOLE = [2, 3, 5, 6, 7, 8].map((k) => (name: number) => 2 + ((3 * name + k * (name + 1)) % 9));
/** Positive, negative, small and whole in turn: functions that need one kind are compared at the points of that kind. */
const POINTS = POSITIVE.flatMap((positive, i) => [positive, NEGATIVE[i], SMALL[i], WHOLE[i]] as ((name: number) => number)[]);

/** What names are worth at each point. */
const pointsFor = (names: readonly string[]): readonly ReadonlyMap<string, BigNumber>[] =>
  names.length === 0 ? [new Map()] : POINTS.map((at) => new Map(names.map((name, i) => [name, math.bignumber(at(i).toFixed(12))])));

const tried = (expression: Expression, named: ReadonlyMap<string, BigNumber>): Value | undefined => {
  try {
    return valueOf(expression, named);
  } catch (error) {
    if (error instanceof NoValue) return undefined;
    throw error;
  }
};

const close = (a: Value, b: Value, tolerance: number): boolean => {
  if (isBig(a) && isBig(b)) {
    if (!a.isFinite() || !b.isFinite()) return a.eq(b);
    const scale = a.abs().gt(b.abs()) ? a.abs() : b.abs();
    const allowed = scale.mul(SURE).add('1e-30');
    return a.minus(b).abs().lte(tolerance === 0 ? allowed : allowed.add(scale.mul(String(tolerance))));
  }
  const double = (value: Value): { readonly re: number; readonly im: number } => (isComplex(value) ? value : { re: Number(value), im: 0 });
  const [x, y] = [double(a), double(b)];
  return Math.hypot(x.re - y.re, x.im - y.im) <= (DOUBLE + tolerance) * Math.max(1e-3, Math.hypot(x.re, x.im), Math.hypot(y.re, y.im));
};

const isImaginary = (expression: Expression): boolean => (expression.kind === 'symbol' && expression.name === 'i') || (expression.kind === 'call' && expression.of.some(isImaginary));

/** Complex values count where `i` was written; elsewhere they mean that a point lies outside of what was meant. */
const usable = (value: Value | undefined, complex: boolean): value is Value => value !== undefined && (complex || isBig(value));

const key = (expression: Expression): string => JSON.stringify(expression, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));

/** Compares scalars; `tolerance` is relative, for constants. */
export function scalarsWith(tolerance: number): Scalars {
  const equal = (a: Expression, b: Expression): Verdict => {
    if (key(a) === key(b)) return true;
    const names = [...new Set([...symbolsOf(a), ...symbolsOf(b)])].sort();
    if (names.length === 0) {
      const [exactA, exactB] = [exactly(a), exactly(b)];
      if (exactA !== undefined && exactB !== undefined && (tolerance === 0 || exactA.equals(exactB))) return exactA.equals(exactB);
    }
    const complex = names.length === 0 || isImaginary(a) || isImaginary(b);
    let compared = 0;
    for (const point of pointsFor(names)) {
      const [x, y] = [tried(a, point), tried(b, point)];
      if (!usable(x, complex) || !usable(y, complex)) continue;
      if (!close(x, y, names.length === 0 ? tolerance : 0)) return false;
      if (++compared === PLENTY) return true;
    }
    return compared >= (names.length === 0 ? 1 : ENOUGH) ? true : undefined;
  };
  const proportional = (a: Expression, b: Expression): Verdict => {
    const [namesA, namesB] = [[...symbolsOf(a)].sort(), [...symbolsOf(b)].sort()];
    if (namesA.length === 0 || namesA.join() !== namesB.join()) return namesA.join() === namesB.join() ? undefined : false;
    const ratio = call('divide', a, b);
    let first: Value | undefined;
    let compared = 0;
    for (const point of pointsFor(namesA)) {
      const value = tried(ratio, point);
      if (!usable(value, false) || (isBig(value) && value.isZero())) continue;
      if (first !== undefined && !close(first, value, 0)) return false;
      first ??= value;
      if (++compared === PLENTY) return true;
    }
    return compared >= ENOUGH ? true : undefined;
  };
  return { equal, proportional };
}

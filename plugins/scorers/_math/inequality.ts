/** Inequalities in one name as the set of numbers that satisfy them. */
import { exactly } from './exact.js';
import {
  call,
  INFINITY,
  NEGATIVE_INFINITY,
  number,
  type Closing,
  type Expression,
  type Opening,
  type Relation,
} from './expression.js';
import { collectSymbols } from './expression-parts.js';

const bracketed = (
  open: Opening,
  close: Closing,
  from: Expression,
  to: Expression,
): Expression => ({ kind: 'bracketed', open, close, items: [from, to] });

/** All real numbers without a point. */
export const withoutPoint = (point: Expression): Expression => ({
  kind: 'union',
  items: [bracketed('(', ')', NEGATIVE_INFINITY, point), bracketed('(', ')', point, INFINITY)],
});

const FLIPPED: Readonly<Partial<Record<Relation, Relation>>> = {
  '<': '>',
  '>': '<',
  '≤': '≥',
  '≥': '≤',
  '≠': '≠',
};

/** Whether an expression is a name that has no value of its own. */
export const isName = (expression: Expression | undefined): boolean =>
  expression?.kind === 'symbol' && !['π', 'e', 'i', '∞'].includes(expression.name);

/** The numbers that stand in a relation to a bound. */
function half(relation: Relation, bound: Expression): Expression | undefined {
  switch (relation) {
    case '<':
      return bracketed('(', ')', NEGATIVE_INFINITY, bound);
    case '≤':
      return bracketed('(', ']', NEGATIVE_INFINITY, bound);
    case '>':
      return bracketed('(', ')', bound, INFINITY);
    case '≥':
      return bracketed('[', ')', bound, INFINITY);
    case '≠':
      return withoutPoint(bound);
    default:
      return undefined;
  }
}

const withValue = (expression: Expression, name: string, value: Expression): Expression => {
  if (expression.kind === 'symbol') return expression.name === name ? value : expression;
  return expression.kind === 'call'
    ? { ...expression, of: expression.of.map((part) => withValue(part, name, value)) }
    : expression;
};

/** The bound of `a·x + b ~ 0` and whether a is negative; undefined if it is not of that form. */
function solveLinear(
  difference: Expression,
  name: string,
): { readonly bound: Expression; readonly flips: boolean } | undefined {
  const [at0, at1, at2, at7] = [0n, 1n, 2n, 7n].map((value) =>
    exactly(withValue(difference, name, number(value))),
  );
  if (at0 === undefined || at1 === undefined || at2 === undefined || at7 === undefined)
    return undefined;
  const slope = at1.sub(at0);
  const isLinear = at2.sub(at0).equals(slope.mul(2)) && at7.sub(at0).equals(slope.mul(7));
  if (!isLinear || slope.equals(0)) return undefined;
  const bound = at0.neg().div(slope) as unknown as { n: bigint; d: bigint; s: bigint };
  return { bound: number(bound.s * bound.n, bound.d), flips: slope.compare(0) < 0 };
}

const isAbs = (expression: Expression): boolean =>
  expression.kind === 'call' && expression.name === 'abs' && isName(expression.of[0]);

/** `|x| < b`, `|x| > b`: one interval or two. */
function absolute(relation: Relation, bound: Expression): Expression | undefined {
  const negative = call('negate', bound);
  if (relation === '<' || relation === '≤')
    return bracketed(relation === '<' ? '(' : '[', relation === '<' ? ')' : ']', negative, bound);
  const outer = [half(relation === '>' ? '<' : '≤', negative), half(relation, bound)];
  if (!'>≥'.includes(relation)) return undefined;
  return { kind: 'union', items: outer.filter((item) => item !== undefined) };
}

/** `x < a`, `2 - 3x ≥ 5`, `|x| < a`, as sets of numbers; undefined for other relations. */
function ofTwo(left: Expression, right: Expression, given: Relation): Expression | undefined {
  const flipped = FLIPPED[given];
  if (flipped === undefined) return undefined;
  for (const [side, bound, relation] of [
    [left, right, given],
    [right, left, flipped],
  ] as const) {
    if (collectSymbols(bound).size > 0) continue;
    if (isName(side)) return half(relation, bound);
    if (isAbs(side)) return absolute(relation, bound);
  }
  const difference = call('add', left, call('negate', right));
  const names = [...collectSymbols(difference)];
  if (names.length !== 1) return undefined;
  const solved = solveLinear(difference, names[0] as string);
  return solved === undefined ? undefined : half(solved.flips ? flipped : given, solved.bound);
}

/** An inequality as a set of numbers; undefined for other relations. */
export function solveInequality(
  sides: readonly Expression[],
  relations: readonly Relation[],
): Expression | undefined {
  if (sides.length === 2)
    return ofTwo(sides[0] as Expression, sides[1] as Expression, relations[0] as Relation);
  const [low, middle, high] = sides as [Expression, Expression, Expression];
  let [first, second] = relations as [Relation, Relation];
  if (sides.length !== 3 || collectSymbols(low).size + collectSymbols(high).size > 0)
    return undefined;
  let [from, to] = [low, high];
  if ('>≥'.includes(first) && '>≥'.includes(second)) {
    [from, to] = [high, low];
    [first, second] = [FLIPPED[second] as Relation, FLIPPED[first] as Relation];
  }
  if (!'<≤'.includes(first) || !'<≤'.includes(second)) return undefined;
  const [open, close] = [first === '<' ? '(' : '[', second === '<' ? ')' : ']'] as const;
  if (isName(middle)) return bracketed(open, close, from, to);
  if (!isAbs(middle)) return undefined;
  return {
    kind: 'union',
    items: [
      bracketed(
        second === '<' ? '(' : '[',
        first === '<' ? ')' : ']',
        call('negate', to),
        call('negate', from),
      ),
      bracketed(open, close, from, to),
    ],
  };
}

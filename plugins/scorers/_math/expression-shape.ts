/**
 * Normalises different forms of the same thing: relations that give a value, inequalities that are
 * intervals, both signs of ±.
 */
import { call, type Expression, type Operation } from './expression.js';
import { collectSymbols, getParts } from './expression-parts.js';
import { isName, solveInequality, withoutPoint } from './inequality.js';
import { evaluateMatrices } from './matrices.js';

const contains = (expression: Expression, names: readonly Operation[]): boolean =>
  (expression.kind === 'call' && names.includes(expression.name)) ||
  getParts(expression).some((part) => contains(part, names));

const withSigns = (expression: Expression, upper: boolean): Expression => {
  if (expression.kind !== 'call') return expression;
  const operands = expression.of.map((part) => withSigns(part, upper));
  if (expression.name !== 'plus-minus' && expression.name !== 'minus-plus')
    return { ...expression, of: operands };
  const [left, right] = operands as [Expression, Expression];
  return call(
    'add',
    left,
    (expression.name === 'plus-minus') === upper ? right : call('negate', right),
  );
};

function shapedRelation(expression: Expression & { readonly kind: 'relation' }): Expression {
  const { sides, relations } = expression;
  if (relations[0] === '∈' && sides.length === 2) return shaped(sides[1] as Expression);
  const inner = solveInequality(sides, relations);
  if (inner !== undefined) return inner;
  const [left, right] = sides as [Expression, Expression];
  if (sides.length !== 2 || !isName(left) || relations.some((relation) => relation !== '='))
    return expression;
  const values = shaped(right);
  if (values.kind !== 'list') return expression;
  return {
    kind: 'list',
    items: values.items.map((item) => ({ kind: 'relation', sides: [left, item], relations })),
  };
}

/** All real numbers without one point are two intervals. */
function shapedDifference(expression: Expression & { readonly kind: 'difference' }): Expression {
  const { of, without } = expression;
  const isInfinite = (item: Expression): boolean =>
    collectSymbols(item).size === 0 &&
    JSON.stringify(item, (_key, value: unknown) =>
      typeof value === 'bigint' ? 0 : value,
    ).includes('∞');
  const isReals = of.kind === 'bracketed' && of.items.length === 2 && of.items.every(isInfinite);
  if (!isReals || without.kind !== 'set' || without.items.length !== 1)
    return { kind: 'difference', of: shaped(of), without: shaped(without) };
  const point = without.items[0] as Expression;
  return withoutPoint(point);
}

/**
 * Normalises the form of an expression; an expression without another form is returned unchanged.
 */
export function shaped(expression: Expression): Expression {
  switch (expression.kind) {
    case 'call':
      return contains(expression, ['plus-minus', 'minus-plus'])
        ? { kind: 'list', items: [withSigns(expression, true), withSigns(expression, false)] }
        : evaluateMatrices(expression);
    case 'relation':
      return shapedRelation(expression);
    case 'list': {
      const items = expression.items
        .map(shaped)
        .flatMap((item) => (item.kind === 'list' ? item.items : [item]));
      const ranges = items.every(
        (item, i) =>
          (item.kind === 'bracketed' || item.kind === 'union') &&
          expression.items[i]?.kind === 'relation',
      );
      return ranges ? shaped({ kind: 'union', items }) : { kind: 'list', items };
    }
    case 'set': {
      const items = expression.items
        .map(shaped)
        .flatMap((item) => (item.kind === 'list' ? item.items : [item]));
      return { kind: 'set', items };
    }
    case 'union':
      return {
        kind: 'union',
        items: expression.items
          .map(shaped)
          .flatMap((item) => (item.kind === 'union' ? item.items : [item])),
      };
    case 'difference':
      return shapedDifference(expression);
    default:
      return expression;
  }
}

/** Whether an expression may be the name of a quantity: `f(3)`, `AB/CD`, `(x, y)`, not `x + y`. */
const isQuantity = (expression: Expression): boolean =>
  expression.kind !== 'call' ||
  (expression.name === 'abs' && expression.of[0]?.kind === 'call') ||
  (['multiply', 'divide', 'abs'].includes(expression.name) && expression.of.every(isQuantity));

/**
 * The values that a relation states: of `x = 2 + 3 = 5` the last side, of `x = √2 ≈ 1.41` both, of
 * `f(3) = 2` the side without names; undefined if it states none. An answer may also state a value
 * by an equation between others, as `x + y = 5` does (`loosely`).
 */
export function statedValues(
  expression: Expression,
  loosely = false,
): readonly Expression[] | undefined {
  if (
    expression.kind !== 'relation' ||
    !expression.relations.every((relation) => relation === '=' || relation === '≈')
  )
    return undefined;
  const { sides, relations } = expression;
  const isApproximate = relations.includes('≈');
  if (isName(sides[0])) return isApproximate ? sides.slice(1) : sides.slice(-1);
  const known = sides.filter((side) => collectSymbols(side).size === 0);
  if (known.length === sides.length) return isApproximate ? sides : sides.slice(-1);
  const named = sides.filter((side) => collectSymbols(side).size > 0);
  return known.length === 0 || !(loosely || named.every(isQuantity)) ? undefined : known.slice(-1);
}

/**
 * Normalises different forms of the same thing: relations that give a value, inequalities that are
 * intervals, both signs of ±.
 */
import {
  call,
  INFINITY,
  NEGATIVE_INFINITY,
  type Closing,
  type Expression,
  type Opening,
  type Operation,
  type Relation,
} from './expression.js';

/** The parts of an expression. */
const getParts = (expression: Expression): readonly Expression[] => {
  switch (expression.kind) {
    case 'call':
      return expression.of;
    case 'list':
    case 'set':
    case 'bracketed':
    case 'union':
      return expression.items;
    case 'difference':
      return [expression.of, expression.without];
    case 'matrix':
      return expression.rows.flat();
    case 'relation':
      return expression.sides;
    default:
      return [];
  }
};

/** All names in an expression except those of constants. */
export function collectSymbols(expression: Expression): ReadonlySet<string> {
  const found = new Set<string>();
  const look = (expression: Expression): void => {
    if (expression.kind === 'symbol' && !['π', 'e', 'i', '∞'].includes(expression.name))
      found.add(expression.name);
    getParts(expression).forEach(look);
  };
  look(expression);
  return found;
}

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

const isName = (expression: Expression | undefined): boolean =>
  expression?.kind === 'symbol' && !['π', 'e', 'i', '∞'].includes(expression.name);

const bracketed = (
  open: Opening,
  close: Closing,
  from: Expression,
  to: Expression,
): Expression => ({ kind: 'bracketed', open, close, items: [from, to] });

const FLIPPED: Readonly<Partial<Record<Relation, Relation>>> = {
  '<': '>',
  '>': '<',
  '≤': '≥',
  '≥': '≤',
  '≠': '≠',
};

/** `x < a`, `a ≤ x < b`, `x ≠ a` as sets of numbers; undefined for other relations. */
function inequality(
  sides: readonly Expression[],
  relations: readonly Relation[],
): Expression | undefined {
  if (sides.length === 2) {
    const [left, right] = sides as [Expression, Expression];
    const given = relations[0] as Relation;
    const flipped = FLIPPED[given];
    if (flipped === undefined || (!isName(left) && !isName(right))) return undefined;
    const bound = isName(left) ? right : left;
    const relation = isName(left) ? given : flipped;
    if (collectSymbols(bound).size > 0) return undefined;
    switch (relation) {
      case '<':
        return bracketed('(', ')', NEGATIVE_INFINITY, bound);
      case '≤':
        return bracketed('(', ']', NEGATIVE_INFINITY, bound);
      case '>':
        return bracketed('(', ')', bound, INFINITY);
      case '≥':
        return bracketed('[', ')', bound, INFINITY);
      default:
        return {
          kind: 'union',
          items: [
            bracketed('(', ')', NEGATIVE_INFINITY, bound),
            bracketed('(', ')', bound, INFINITY),
          ],
        };
    }
  }
  const [low, middle, high] = sides as [Expression, Expression, Expression];
  const [first, second] = relations as [Relation, Relation];
  if (
    sides.length !== 3 ||
    !isName(middle) ||
    collectSymbols(low).size + collectSymbols(high).size > 0
  )
    return undefined;
  if ('<≤'.includes(first) && '<≤'.includes(second))
    return bracketed(first === '<' ? '(' : '[', second === '<' ? ')' : ']', low, high);
  if ('>≥'.includes(first) && '>≥'.includes(second))
    return bracketed(second === '>' ? '(' : '[', first === '>' ? ')' : ']', high, low);
  return undefined;
}

function shapedRelation(expression: Expression & { readonly kind: 'relation' }): Expression {
  const { sides, relations } = expression;
  if (relations[0] === '∈' && sides.length === 2) return shaped(sides[1] as Expression);
  const inner = inequality(sides, relations);
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
  return {
    kind: 'union',
    items: [bracketed('(', ')', NEGATIVE_INFINITY, point), bracketed('(', ')', point, INFINITY)],
  };
}

/**
 * Normalises the form of an expression; an expression without another form is returned unchanged.
 */
export function shaped(expression: Expression): Expression {
  switch (expression.kind) {
    case 'call':
      return contains(expression, ['plus-minus', 'minus-plus'])
        ? { kind: 'list', items: [withSigns(expression, true), withSigns(expression, false)] }
        : expression;
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

/**
 * The values that a relation states: of `x = 2 + 3 = 5` the last side, of `x = √2 ≈ 1.41` both;
 * undefined if it states none.
 */
export function statedValues(expression: Expression): readonly Expression[] | undefined {
  if (
    expression.kind !== 'relation' ||
    !expression.relations.every((relation) => relation === '=' || relation === '≈')
  )
    return undefined;
  const { sides, relations } = expression;
  if (!isName(sides[0]) && collectSymbols(expression).size > 0) return undefined;
  const values = isName(sides[0]) ? sides.slice(1) : sides;
  return relations.includes('≈') ? values : values.slice(-1);
}

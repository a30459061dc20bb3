/** Whether two answers are equal: structure first, then arithmetic on scalars. */
import { call, type Expression } from './expression.js';
import { collectSymbols } from './expression-parts.js';
import { shaped, statedValues } from './expression-shape.js';

/** True, false, or undefined if it cannot be decided. */
export type Verdict = boolean | undefined;

/** Compares values without structure. */
export interface Scalars {
  readonly equal: (a: Expression, b: Expression) => Verdict;
  /**
   * Whether `a = k·b` for one constant k ≠ 0: equations whose differences of sides satisfy this are
   * equivalent.
   */
  readonly proportional: (a: Expression, b: Expression) => Verdict;
}

const MOST_ITEMS = 60;
const EMPTY_WORDS = new Set([
  'no solution',
  'no solutions',
  'no real solution',
  'no real solutions',
  'none',
  'empty set',
  'the empty set',
  '无解',
]);
const HOLLOW: Expression = { kind: 'set', items: [] };

/** The verdict that decides if any has it, else undefined if any is undecided, else the other. */
const combine = (verdicts: readonly Verdict[], deciding: boolean): Verdict => {
  if (verdicts.includes(deciding)) return deciding;
  return verdicts.includes(undefined) ? undefined : !deciding;
};
const combineAll = (verdicts: readonly Verdict[]): Verdict => combine(verdicts, false);
const any = (verdicts: readonly Verdict[]): Verdict => combine(verdicts, true);

const inOrder = (a: readonly Expression[], b: readonly Expression[], scalars: Scalars): Verdict =>
  a.length !== b.length
    ? false
    : combineAll(a.map((item, i) => equal(item, b[i] as Expression, scalars)));

const covered = (a: readonly Expression[], b: readonly Expression[], scalars: Scalars): Verdict =>
  combineAll(a.map((item) => any(b.map((other) => equal(item, other, scalars)))));

/** The same members, in any order; a repeated member counts once in a set, twice in a list. */
const unordered = (
  a: readonly Expression[],
  b: readonly Expression[],
  scalars: Scalars,
  list: boolean,
): Verdict => {
  if (a.length > MOST_ITEMS || b.length > MOST_ITEMS) return undefined;
  if (list && a.length !== b.length) return false;
  return combineAll([covered(a, b, scalars), covered(b, a, scalars)]);
};

/** A vector as a row of a matrix, a column, or a tuple. */
const getVector = (expression: Expression): readonly Expression[] | undefined => {
  if (expression.kind === 'bracketed') return expression.items;
  if (expression.kind !== 'matrix') return undefined;
  if (expression.rows.length === 1) return expression.rows[0];
  return expression.rows.every((row) => row.length === 1) ? expression.rows.flat() : undefined;
};

/** `[[1, 2], [3, 4]]` as a matrix. */
const getMatrix = (expression: Expression): readonly (readonly Expression[])[] | undefined => {
  if (expression.kind === 'matrix') return expression.rows;
  if (
    expression.kind !== 'bracketed' ||
    !expression.items.every((item) => item.kind === 'bracketed')
  )
    return undefined;
  return expression.items.map((item) => (item.kind === 'bracketed' ? item.items : []));
};

const SCALAR = new Set(['number', 'symbol', 'call']);

const isInequality = (expression: Expression): boolean =>
  expression.kind === 'relation' &&
  expression.relations.every((relation) => '<>≤≥≠'.includes(relation));

/** Whether two inequalities are about different unknowns, so not about one set of numbers. */
const nameOthers = (left: Expression, right: Expression): boolean =>
  isInequality(left) &&
  isInequality(right) &&
  [...collectSymbols(left)].sort().join() !== [...collectSymbols(right)].sort().join();

const NO_MEMBERS = 'no members';

/** Compares lists and sets, with each other and with vectors. */
function compareMembers(
  a: Expression,
  b: Expression,
  scalars: Scalars,
): Verdict | typeof NO_MEMBERS {
  const members = (expression: Expression): readonly Expression[] | undefined =>
    expression.kind === 'list' || expression.kind === 'set' ? expression.items : undefined;
  const [membersA, membersB] = [members(a), members(b)];
  if (membersA !== undefined && membersB !== undefined)
    return unordered(
      membersA,
      membersB,
      scalars,
      // numbers may be roots with their multiplicity; a tuple that is named twice is one solution
      a.kind === 'list' &&
        b.kind === 'list' &&
        [...membersA, ...membersB].some(({ kind }) => kind !== 'bracketed'),
    );
  if (membersA !== undefined || membersB !== undefined) {
    const [items, other] =
      membersA !== undefined ? [membersA, b] : [membersB as readonly Expression[], a];
    const vector = getVector(other);
    if (vector !== undefined && items.length === vector.length && items.length > 1) {
      const list = (a.kind === 'list' || b.kind === 'list') && vector.length > 1;
      return list ? inOrder(items, vector, scalars) : false;
    }
    return items.length === 1 ? equal(items[0] as Expression, other, scalars) : false;
  }
  return NO_MEMBERS;
}

/** Compares two answers of any form. */
export function equal(left: Expression, right: Expression, scalars: Scalars): Verdict {
  if (nameOthers(left, right)) return false;
  const a = left.kind === 'text' && EMPTY_WORDS.has(left.text) ? HOLLOW : shaped(left);
  const b = right.kind === 'text' && EMPTY_WORDS.has(right.text) ? HOLLOW : shaped(right);
  if (a.kind === 'text' || b.kind === 'text')
    return a.kind === 'text' && b.kind === 'text' && a.text === b.text;

  if (a.kind === 'relation' || b.kind === 'relation') {
    if (a.kind === 'relation' && b.kind === 'relation') return sameRelation(a, b, scalars);
    const [relation, other] = a.kind === 'relation' ? [a, b] : [b, a];
    const values = statedValues(relation);
    // an inequality that is not solved may be any set
    if (values === undefined)
      return isInequality(relation) && !SCALAR.has(other.kind) ? undefined : false;
    return any(values.map((value) => equal(value, other, scalars)));
  }
  if (SCALAR.has(a.kind) && SCALAR.has(b.kind)) return scalars.equal(a, b);

  const [rowsA, rowsB] = [getMatrix(a), getMatrix(b)];
  if (rowsA !== undefined && rowsB !== undefined && (a.kind === 'matrix' || b.kind === 'matrix')) {
    if (rowsA.length === rowsB.length)
      return combineAll(rowsA.map((row, i) => inOrder(row, rowsB[i] ?? [], scalars)));
  }
  const [vectorA, vectorB] = [getVector(a), getVector(b)];
  if (vectorA !== undefined && vectorB !== undefined) {
    if (a.kind === 'bracketed' && b.kind === 'bracketed' && vectorA.length === 2) {
      const [openA, openB, closeA, closeB] = [a.open, b.open, a.close, b.close].map((bracket) =>
        bracket.replace('<', '(').replace('>', ')'),
      );
      if (openA !== openB || closeA !== closeB) return false;
    }
    return inOrder(vectorA, vectorB, scalars);
  }

  const members = compareMembers(a, b, scalars);
  if (members !== NO_MEMBERS) return members;
  if (a.kind === 'union' && b.kind === 'union') return unordered(a.items, b.items, scalars, true);
  if (a.kind === 'difference' && b.kind === 'difference')
    return combineAll([equal(a.of, b.of, scalars), equal(a.without, b.without, scalars)]);
  // a difference that is not worked out may be any set
  return [a, b].some(({ kind }) => kind === 'difference') ? undefined : false;
}

function sameRelation(
  a: Expression & { readonly kind: 'relation' },
  b: Expression & { readonly kind: 'relation' },
  scalars: Scalars,
): Verdict {
  const [valuesA, valuesB] = [a, b].map((relation) =>
    relation.sides[0]?.kind === 'symbol' || collectSymbols(relation).size === 0
      ? statedValues(relation)
      : undefined,
  );
  const named =
    a.sides[0]?.kind === 'symbol' &&
    b.sides[0]?.kind === 'symbol' &&
    a.sides[0].name === b.sides[0].name;
  const nameless = [a, b].some(({ sides }) => sides[0]?.kind !== 'symbol');
  if (valuesA !== undefined && valuesB !== undefined && (named || nameless)) {
    const verdict = any(
      valuesA.flatMap((value) => valuesB.map((other) => equal(value, other, scalars))),
    );
    if (verdict === true || named) return verdict;
  }
  if (a.sides.length !== 2 || b.sides.length !== 2)
    return combineAll([
      inOrder(a.sides, b.sides, scalars),
      a.relations.join('') === b.relations.join(''),
    ]);
  const difference = ({ sides }: typeof a): Expression =>
    call('add', sides[0] as Expression, call('negate', sides[1] as Expression));
  const [relationA, relationB] = [a.relations[0], b.relations[0]];
  if (relationA === '=' && relationB === '=') {
    if ([...a.sides, ...b.sides].every((side) => SCALAR.has(side.kind)))
      return scalars.proportional(difference(a), difference(b));
    return inOrder(a.sides, b.sides, scalars);
  }
  if (relationA !== relationB) return isInequality(a) && isInequality(b) ? undefined : false;
  const same = inOrder(a.sides, b.sides, scalars);
  return same === false && isInequality(a) ? undefined : same;
}

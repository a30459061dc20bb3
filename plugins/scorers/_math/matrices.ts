/** Sums and products of matrices, entry by entry. */
import { call, type Expression } from './expression.js';

type Rows = readonly (readonly Expression[])[];
const MOST_CELLS = 100;

const rowsOf = (expression: Expression): Rows | undefined =>
  expression.kind === 'matrix' ? expression.rows : undefined;
const matrix = (rows: Rows): Expression => ({ kind: 'matrix', rows });

const times = (a: Rows, b: Rows): Rows | undefined =>
  a[0]?.length !== b.length
    ? undefined
    : a.map((row) =>
        (b[0] ?? []).map((_, column) =>
          row
            .map((cell, i) => call('multiply', cell, b[i]?.[column] as Expression))
            .reduce((sum, product) => call('add', sum, product)),
        ),
      );

const plus = (a: Rows, b: Rows): Rows | undefined =>
  a.length !== b.length || a[0]?.length !== b[0]?.length
    ? undefined
    : a.map((row, i) => row.map((cell, j) => call('add', cell, b[i]?.[j] as Expression)));

const scaled = (rows: Rows, scale: (cell: Expression) => Expression): Expression =>
  matrix(rows.map((row) => row.map(scale)));

/** The matrix that an expression of matrices is; the expression itself where it is none. */
export function evaluateMatrices(expression: Expression): Expression {
  if (expression.kind !== 'call') return expression;
  const operands = expression.of.map(evaluateMatrices);
  const [left, right] = operands as [Expression, Expression | undefined];
  const [a, b] = [rowsOf(left), right === undefined ? undefined : rowsOf(right)];
  if (a === undefined && b === undefined) return expression;
  if ([a, b].some((rows) => (rows?.length ?? 0) * (rows?.[0]?.length ?? 0) > MOST_CELLS))
    return expression;
  const done = (rows: Rows | undefined): Expression =>
    rows === undefined ? expression : matrix(rows);
  switch (expression.name) {
    case 'negate':
      return a === undefined ? expression : scaled(a, (cell) => call('negate', cell));
    case 'add':
      return a === undefined || b === undefined ? expression : done(plus(a, b));
    case 'multiply':
      if (a !== undefined && b !== undefined) return done(times(a, b));
      return a === undefined
        ? scaled(b as Rows, (cell) => call('multiply', left, cell))
        : scaled(a, (cell) => call('multiply', cell, right as Expression));
    case 'divide':
      return a === undefined || b !== undefined
        ? expression
        : scaled(a, (cell) => call('divide', cell, right as Expression));
    case 'power':
      return a !== undefined &&
        right?.kind === 'number' &&
        right.numerator === 2n &&
        right.denominator === 1n
        ? done(times(a, a))
        : expression;
    default:
      return expression;
  }
}

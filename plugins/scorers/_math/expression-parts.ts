/** The parts of an expression, and the names in it. */
import type { Expression } from './expression.js';

/** The parts of an expression. */
export const getParts = (expression: Expression): readonly Expression[] => {
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

/** Measuring units, by the maths library. */
import { math } from './engine.js';
import { number, type Expression } from './expression.js';

const SHAPE = /^[A-Za-z]{1,20}(?:\^-?\d)?(?:\/[A-Za-z]{1,20}(?:\^-?\d)?)?$/;

const parseUnit = (text: string) => {
  if (!SHAPE.test(text)) return undefined;
  try {
    return math.unit(1 as never, text);
  } catch {
    return undefined; // apples
  }
};

/**
 * How many of unit `to` one `from` is: 1 if either is not a measuring unit (apples, people),
 * undefined if both are but measure different things.
 */
export function factorBetween(from: string, to: string): Expression | undefined {
  if (from === to) return number(1n);
  const [a, b] = [parseUnit(from), parseUnit(to)];
  if (a === undefined || b === undefined) return number(1n);
  if (!a.equalBase(b)) return undefined;
  const [whole = '', part = ''] = String(
    math.format(a.toNumeric(to), { notation: 'fixed', precision: 30 }),
  ).split('.');
  return number(BigInt(`${whole}${part}`), 10n ** BigInt(part.length));
}

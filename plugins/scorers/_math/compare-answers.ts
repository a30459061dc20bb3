/** Reference and answer → equal, different, or why it cannot be decided. */
import { getErrorMessage } from '../../../core/index.js';
import { cleaned } from './clean.js';
import { equal, type Scalars, type Verdict } from './equal.js';
import { call, Unreadable, type Expression } from './expression.js';
import { parseQuantity, type Quantity } from './quantity.js';
import { read } from './read.js';
import { scalarsWith } from './scalars.js';
import { factorBetween } from './units.js';
import { MOST_WORK, TooMuchWork, Work } from './work-budget.js';

/** What to compare. */
export interface Question {
  readonly reference: string;
  readonly answer: string;
  /** Whether the question asks for a percentage, so that a reference may omit the percent sign. */
  readonly asksPercent: boolean;
  readonly tolerance: number;
  /** Steps after which the comparison is abandoned; default: {@link MOST_WORK}. */
  readonly mostWork?: number;
}

/** The outcome. */
export type Decision = { readonly equal: boolean } | { readonly problem: string };

interface ParsedAnswer {
  readonly whole: Expression | undefined;
  readonly core: Expression | undefined;
  readonly quantity: Quantity | undefined;
  readonly problem: string;
}

function parseSide(text: string, thousands: boolean): ParsedAnswer {
  let problem = '';
  const tried = (part: string): Expression | undefined => {
    try {
      return read(part, thousands);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      problem ||= getErrorMessage(error);
      return undefined;
    }
  };
  const quantity = text.length > 2000 ? undefined : parseQuantity(cleaned(text));
  return {
    whole: tried(text),
    core: quantity === undefined ? undefined : tried(quantity.core),
    quantity,
    problem,
  };
}

const hasUnit = ({ quantity }: ParsedAnswer): boolean =>
  quantity?.unit !== undefined && !quantity.loose;

/** Values without their units and signs, if the units allow it. */
function cores(
  reference: ParsedAnswer,
  answer: ParsedAnswer,
  asksPercent: boolean,
  scalars: Scalars,
): Verdict {
  const [wanted, given] = [reference.quantity, answer.quantity];
  const [right, answered] = [reference.core ?? reference.whole, answer.core ?? answer.whole];
  if (
    right === undefined ||
    answered === undefined ||
    (wanted === undefined && given === undefined)
  )
    return false;
  // 25 % is 0.25 and not 25
  if (given?.percent === true && wanted?.percent !== true && !asksPercent) return false;
  if (
    (wanted?.loose === true && !hasUnit(answer)) ||
    (given?.loose === true && !hasUnit(reference))
  )
    return false;
  if (wanted?.unit !== undefined && given?.unit !== undefined) {
    const factor = factorBetween(given.unit, wanted.unit);
    return factor === undefined
      ? false
      : equal(right, given.unit === wanted.unit ? answered : scaled(factor, answered), scalars);
  }
  return equal(right, answered, scalars);
}

const scaled = (factor: Expression, expression: Expression): Expression =>
  ['number', 'symbol', 'call'].includes(expression.kind)
    ? call('multiply', factor, expression)
    : expression;

/**
 * Compares, and reports the number of steps, which is limited; the thread around it may still be
 * terminated if it takes too long.
 */
export function decide(question: Question): Decision & { readonly work: number } {
  const work = new Work(question.mostWork ?? MOST_WORK);
  try {
    return { ...decided(question, scalarsWith(question.tolerance, work)), work: work.done };
  } catch (error) {
    if (error instanceof TooMuchWork) return { problem: getErrorMessage(error), work: work.done };
    throw error;
  }
}

function decided({ reference, answer, asksPercent }: Question, scalars: Scalars): Decision {
  let compared = false;
  let open = false;
  let problem = '';
  const hasThousands = [reference, answer].some((text) => /\d[, ]\d{3}(?!\d)/.test(text));
  for (const thousands of hasThousands ? [true, false] : [false]) {
    const [right, answered] = [parseSide(reference, thousands), parseSide(answer, thousands)];
    if (
      answered.whole?.kind === 'text' &&
      right.whole !== undefined &&
      right.whole.kind !== 'text' &&
      equal(right.whole, answered.whole, scalars) !== true
    )
      return { problem: 'the answer contains no mathematics' };
    const verdicts: Verdict[] = [];
    if (right.whole !== undefined && answered.whole !== undefined)
      verdicts.push(equal(right.whole, answered.whole, scalars));
    if (
      (right.whole ?? right.core) !== undefined &&
      (answered.whole ?? answered.core) !== undefined
    ) {
      compared = true;
      verdicts.push(cores(right, answered, asksPercent, scalars));
    } else
      problem ||=
        right.problem !== '' && (right.whole ?? right.core) === undefined
          ? `the reference cannot be read: ${right.problem}`
          : `the answer cannot be read: ${answered.problem}`;
    if (verdicts.includes(true)) return { equal: true };
    open ||= verdicts.includes(undefined);
  }
  if (!compared) return { problem };
  return open ? { problem: 'the two could not be compared' } : { equal: false };
}

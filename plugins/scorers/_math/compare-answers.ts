/** Reference and answer → equal, different, or why it cannot be decided. */
import { getErrorMessage } from '../../../core/index.js';
import { cleaned } from './clean.js';
import { equal, type Scalars, type Verdict } from './equal.js';
import { call, Unreadable, type Expression } from './expression.js';
import { statedValues } from './expression-shape.js';
import { parseQuantity, type Quantity } from './quantity.js';
import { read, readWords } from './read.js';
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

/** The outcome; `unread`: it is the answer that states nothing to compare. */
export type Decision =
  { readonly equal: boolean } | { readonly problem: string; readonly unread?: true };

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

/** The parts of a decimal number, with a point or a comma that does not stand between thousands. */
function parseDecimal(text: string): { readonly value: string; readonly mark: string } | undefined {
  const found = /^[\s$€£\\]*(-?\d{1,30})([.,])(\d{1,30})[\s$€£\\]*$/.exec(text);
  if (found === null) return undefined;
  const [, whole = '', mark = '', part = ''] = found;
  const isThousands = mark === ',' && part.length === 3 && whole !== '0' && whole !== '-0';
  if (isThousands || whole.length + part.length < 3) return undefined;
  return { value: `${whole}.${part.replace(/0+$/, '')}`, mark };
}

/**
 * Whether one text has a decimal comma and is the other one's number: of three digits and more, as
 * "2,5" may be two numbers.
 */
function sameDecimals(reference: string, answer: string): boolean {
  const [a, b] = [parseDecimal(reference), parseDecimal(answer)];
  return a !== undefined && b !== undefined && a.mark !== b.mark && a.value === b.value;
}

/** Whether only one of two texts has logarithms without a base, and the other natural ones. */
const mayBeNatural = (a: string, b: string): boolean =>
  PLAIN_LOG.test(a) && !PLAIN_LOG.test(b) && /\\?ln|exp|e\^/.test(b);
const PLAIN_LOG = /\\?log(?![A-Za-z_\s]{0,2}_)/;
const asNatural = (text: string): string => text.replace(/\\?log(?!\s?_)/g, '\\ln ');

/** As {@link compared}, but open where two are equal only if a plain logarithm is natural. */
function decided(question: Question, scalars: Scalars): Decision {
  const decision = compared(question, scalars);
  const { reference, answer } = question;
  if (!('equal' in decision) || decision.equal) return decision;
  if (!mayBeNatural(reference, answer) && !mayBeNatural(answer, reference)) return decision;
  const natural = compared(
    { ...question, reference: asNatural(reference), answer: asNatural(answer) },
    scalars,
  );
  return 'equal' in natural && natural.equal
    ? { problem: 'they are equal only if a logarithm without a base is natural' }
    : decision;
}

function compared({ reference, answer, asksPercent }: Question, scalars: Scalars): Decision {
  let anyCompared = false;
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
      return { problem: 'the answer contains no mathematics', unread: true };
    const [rightWords, words] = [readWords(cleaned(reference)), readWords(cleaned(answer))];
    if (rightWords !== undefined && rightWords === words) return { equal: true };
    const verdicts: Verdict[] = [];
    if (right.whole !== undefined && answered.whole !== undefined) {
      verdicts.push(equal(right.whole, answered.whole, scalars));
      if (right.whole.kind !== 'relation')
        for (const value of statedValues(answered.whole, true) ?? [])
          verdicts.push(equal(right.whole, value, scalars));
    }
    if (
      (right.whole ?? right.core) !== undefined &&
      (answered.whole ?? answered.core) !== undefined
    ) {
      anyCompared = true;
      verdicts.push(cores(right, answered, asksPercent, scalars));
    } else
      problem ||=
        right.problem !== '' && (right.whole ?? right.core) === undefined
          ? `the reference cannot be read: ${right.problem}`
          : `the answer cannot be read: ${answered.problem}`;
    if (verdicts.includes(true)) return { equal: true };
    open ||= verdicts.includes(undefined);
  }
  if (sameDecimals(reference, answer)) return { equal: true };
  if (!anyCompared) return { problem };
  return open ? { problem: 'the two could not be compared' } : { equal: false };
}

import {
  inject,
  OPTIONS,
  scorer,
  z,
  type DatasetRow,
  type Grade,
  type Scorer,
} from '../../core/index.js';
import { clipped } from './_answer/clip.js';
import { EMPTY, isEmpty, getReferences } from './_answer/empty.js';
import { finalAnswer, referenceAnswer } from './_math/final.js';
import { decideInThread } from './_math/thread.js';
import { MOST_WORK } from './_math/work-budget.js';

const Options = z.strictObject({
  /** Relative difference up to which constants are equal; 0 = exactly, so 0.333 is not 1/3. */
  tolerance: z.number().min(0).max(0.1).default(0),
  /**
   * Steps of arithmetic (one is an addition of 34 digits) after which a comparison is abandoned: no
   * grade.
   */
  mostWork: z.int().positive().default(MOST_WORK),
  /** Milliseconds after which a comparison is terminated in any case. */
  timeoutMs: z.int().positive().default(5000),
});
type Options = z.infer<typeof Options>;

const ASKS_PERCENT =
  /what\s{1,3}percent|percentage|how\s{1,3}many\s{1,3}percent|as\s{1,3}a\s{1,3}percent|百分之几|百分比|百分数/i;

/**
 * 1 if the final answer is mathematically equal to a reference, 0 if it is not, null if that cannot
 * be decided: no mathematics in the answer, LaTeX that cannot be read, a comparison that takes too
 * long. Built on mathjs, in a thread.
 */
@scorer({
  name: 'math',
  version: 3,
  summary:
    'Mathematical equality of the final answer: numbers, formulas, sets, intervals, tuples, matrices, equations, units',
  aliases: ['maths'],
  scale: [0, 1],
  options: Options,
})
export class MathScorer implements Scorer {
  constructor(@inject(OPTIONS) private readonly options: Options) {}

  readonly grade = async (row: DatasetRow, { text }: { readonly text: string }): Promise<Grade> => {
    if (isEmpty(text)) return EMPTY;
    const references = getReferences(row);
    if (references.some((reference) => reference.trim() === text.trim())) return { value: 1 };
    const answer = finalAnswer(clipped(text));
    if (answer === undefined)
      return { value: null, reason: 'no final answer can be found in it', unread: true };
    const { tolerance, mostWork, timeoutMs } = this.options;
    let problem: string | undefined;
    let unread = true;
    for (const reference of references.map(referenceAnswer)) {
      if (reference === answer) return { value: 1 };
      const decision = await decideInThread(
        {
          reference,
          answer,
          tolerance,
          mostWork,
          asksPercent: ASKS_PERCENT.test(row.prompt.slice(0, 20_000)),
        },
        timeoutMs,
      );
      if ('problem' in decision) {
        problem = decision.problem;
        unread &&= decision.unread === true;
      } else if (decision.equal) return { value: 1 };
      else unread = false;
    }
    if (problem === undefined) return { value: 0 };
    return { value: null, reason: problem, ...(unread ? { unread } : {}) };
  };
}

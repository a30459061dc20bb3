import { expect } from 'chai';
import type { DatasetRow, Grade, GradeContext, Scorer } from '../../../../core/index.js';
import { ratingIn, verdictIn } from '../../../../plugins/scorers/_judge/verdict.js';
import { Choice } from '../../../../plugins/scorers/choice.js';
import { LlmJudge } from '../../../../plugins/scorers/llm-judge.js';
import { MathScorer } from '../../../../plugins/scorers/math.js';
import { Qa } from '../../../../plugins/scorers/qa.js';
import { XVerify } from '../../../../plugins/scorers/xverify.js';
import { createInstance } from '../../../support/instance.js';
import { HOSTILE_FORMULAS, HOSTILE_MEGABYTES, WANTED } from '../../../support/hostile-answers.js';

const MOST_MS = 100;

/**
 * Milliseconds of processor time of all threads, the minimum of up to five attempts: a busy machine
 * only adds time.
 */
async function processorTime(work: () => unknown): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < 5 && least >= MOST_MS; i++) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

const replying =
  (text: string): GradeContext['ask'] =>
  async () =>
    await Promise.resolve({
      ok: true,
      value: { text, finish: 'stop', promptTokens: 1, completionTokens: 1, tokenLogprobs: [] },
    });

describe('hostile answers of a megabyte', function () {
  this.timeout(300_000);
  const row = (over: Partial<DatasetRow>): DatasetRow => ({
    id: '1',
    prompt: 'Which one? A) red B) blue C) -1 D) green',
    reference: 'B',
    domain: 'd',
    ...over,
  });
  const scorers: readonly (readonly [string, Scorer, DatasetRow, GradeContext['ask']])[] = [
    ['choice', createInstance('scorer', Choice) as Scorer, row({}), replying('')],
    [
      'choice with declared options',
      createInstance('scorer', Choice) as Scorer,
      row({ choices: ['red', 'blue', '-1', 'green'] }),
      replying(''),
    ],
    [
      'qa',
      createInstance('scorer', Qa) as Scorer,
      row({ reference: ['blue whale', 'whale'] }),
      replying(''),
    ],
    [
      'qa of yes and no',
      createInstance('scorer', Qa) as Scorer,
      row({ reference: 'yes' }),
      replying(''),
    ],
    [
      'math',
      createInstance('scorer', MathScorer) as Scorer,
      row({ reference: '42' }),
      replying(''),
    ],
    [
      'math of sets',
      createInstance('scorer', MathScorer) as Scorer,
      row({ reference: '\\{1,2\\}' }),
      replying(''),
    ],
    ['llm-judge', createInstance('scorer', LlmJudge) as Scorer, row({}), replying('[[7]]')],
    ['xverify', createInstance('scorer', XVerify) as Scorer, row({}), replying('Correct')],
  ];
  for (const [name, scorer, question, ask] of scorers) {
    it(`cost ${name} less than ${MOST_MS} ms each`, async () => {
      const slow: string[] = [];
      for (const text of HOSTILE_MEGABYTES) {
        const spent = await processorTime(() => scorer.grade(question, { text }, { ask }));
        if (spent >= MOST_MS)
          slow.push(`${JSON.stringify(text.slice(0, 20))}: ${spent.toFixed(0)} ms`);
      }
      expect(slow).to.deep.equal([]);
    });
  }

  it(`cost llm-judge and xverify less than ${MOST_MS} ms each as replies of a judge`, async () => {
    const slow: string[] = [];
    const grades: Grade[] = [];
    for (const text of HOSTILE_MEGABYTES) {
      for (const read of [
        ratingIn,
        verdictIn,
        async (reply: string) =>
          grades.push(
            await (createInstance('scorer', XVerify) as Scorer).grade(
              row({}),
              { text: 'x' },
              { ask: replying(reply) },
            ),
          ),
      ]) {
        const spent = await processorTime(() => read(text));
        if (spent >= MOST_MS)
          slow.push(`${JSON.stringify(text.slice(0, 20))}: ${spent.toFixed(0)} ms`);
      }
    }
    expect(slow).to.deep.equal([]);
    expect(grades.every(({ value }) => value === null)).to.equal(true);
  });

  it(`and formulas that are hard to compare cost math less than ${MOST_MS} ms each`, async () => {
    const scorer = createInstance('scorer', MathScorer) as Scorer;
    const slow: string[] = [];
    const grades: Grade[] = [];
    for (const reference of WANTED) {
      for (const formula of HOSTILE_FORMULAS) {
        const spent = await processorTime(async () =>
          grades.push(
            await scorer.grade(
              row({ reference, prompt: 'Compute.' }),
              { text: `\\boxed{${formula}}` },
              { ask: replying('') },
            ),
          ),
        );
        if (spent >= MOST_MS)
          slow.push(
            `${formula.slice(0, 30)} against ${reference.slice(0, 20)}: ${spent.toFixed(0)} ms`,
          );
      }
    }
    expect(slow).to.deep.equal([]);
    expect(grades.every(({ value }) => value !== 1)).to.equal(true);
  });
});

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Scorer } from '../../../../core/index.js';
import { separateText } from '../../../../pipeline/separate-thinking.js';
import { Choice } from '../../../../plugins/scorers/choice.js';
import { MathScorer } from '../../../../plugins/scorers/math.js';
import { Qa } from '../../../../plugins/scorers/qa.js';
import { createInstance } from '../../../support/instance.js';
import { gradeWith } from '../../../support/case-table.js';

/** Answers that are nothing but the answer: what stands around them must not change the grade. */
const MATH: readonly (readonly [reference: string, right: string, wrong: string])[] = [
  ['12', '12', '13'],
  ['\\frac{1}{2}', '1/2', '1/3'],
  ['\\frac{v_0^2}{2g}', '\\frac{v_{0}^{2}}{2 g}', '\\frac{v_{0}}{2 g}'],
  ['x<1', '-x>-1', '-x>1'],
  ['(5,8)', '(5, 8)', '(8, 5)'],
  ['2\\sqrt{3}', '\\sqrt{12}', '\\sqrt{13}'],
  ['\\{1,2\\}', '\\{2,1\\}', '\\{2,3\\}'],
  ['[0,1)', '0 \\le x < 1', '0 \\le x \\le 1'],
];
const CHOICES = ['red', 'blue', 'green', 'grey'];

/** What a model may put around an answer; `$` marks the place of a formula. */
const MATH_FORMS: readonly ((answer: string) => string)[] = [
  (answer) => `$${answer}$`,
  (answer) => `\\boxed{${answer}}`,
  (answer) => `\\[ \\boxed{${answer}} \\]`,
  (answer) => `So we get $\\boxed{${answer}}$.`,
  (answer) => `The answer is $${answer}$.`,
  (answer) => `**Final answer:** $${answer}$`,
  (answer) => `#### $${answer}$`,
  (answer) => `<answer>${answer}</answer>`,
  (answer) => `First I tried $7$, then $k=9$.\n\nThe final answer is $${answer}$.`,
  (answer) => `<think>Is it \\boxed{77}? The answer is 77.</think>\n\n$${answer}$`,
  (answer) => `It may be 77.\n</think>\nThe answer is $${answer}$`,
  (answer) => `$${answer}$<|im_end|>`,
  (answer) => `The answer is $${answer}$.\n\nQuestion: What is 70 + 7?\nAnswer: 77`,
];
const CHOICE_FORMS: readonly ((answer: string) => string)[] = [
  (answer) => `(${answer})`,
  (answer) => `**${answer}**`,
  (answer) => `\\boxed{\\text{${answer}}}`,
  (answer) => `The answer is ${answer}.`,
  (answer) => `I would choose ${answer}.`,
  (answer) => `{"answer": "${answer}"}`,
  (answer) => `<answer>${answer}</answer>`,
  (answer) => `<think>The answer is D? No.</think>\n${answer}`,
  (answer) => `Perhaps D.\n</think>\n\nAnswer: ${answer}`,
  (answer) => `D is wrong. So the answer must be ${answer}.`,
  (answer) => `A) warm\nB) cold\nC) leaves\nD) rain\n\nAnswer: ${answer}`,
  (answer) => `${answer}\n\nQuestion: And rain?\nA) red\nB) grey\nAnswer: D`,
  (answer) => `${answer}</s>`,
];

async function findWrong(
  grade: (text: string) => Promise<{ readonly value: number | null }>,
  forms: readonly ((answer: string) => string)[],
  answer: string,
  value: number,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const form of [(text: string) => text, ...forms]) {
    const { text } = separateText(form(answer));
    const got = await grade(text);
    if (got.value !== value) wrong.push(`${form(answer)}: ${got.value} instead of ${value}`);
  }
  return wrong;
}

describe('an answer in thinking, boxes or prose', () => {
  const math = createInstance('scorer', MathScorer) as Scorer;
  const choice = createInstance('scorer', Choice) as Scorer;

  for (const [reference, right, other] of MATH)
    it(`has the grade of the bare answer: ${right} and ${other} against ${reference}`, async () => {
      const grade = gradeWith(math, { reference });
      expect(await findWrong(grade, MATH_FORMS, right, 1)).to.deep.equal([]);
      expect(await findWrong(grade, MATH_FORMS, other, 0)).to.deep.equal([]);
    });

  it('has the grade of the bare answer: letters and texts of options', async () => {
    const grade = gradeWith(choice, { reference: 'B', choices: CHOICES });
    for (const [answer, value] of [
      ['B', 1],
      ['C', 0],
      ['A', 0],
    ] as const)
      expect(await findWrong(grade, CHOICE_FORMS, answer, value)).to.deep.equal([]);
  });

  it('keeps its grade where reference and answer are exchanged', async () => {
    const wrong: string[] = [];
    for (const [a, right, other] of MATH)
      for (const [b, value] of [
        [right, 1],
        [other, 0],
      ] as const) {
        const both = [
          await gradeWith(math, { reference: a })(b),
          await gradeWith(math, { reference: b })(a),
        ].map((grade) => grade.value);
        if (both.some((grade) => grade !== value)) wrong.push(`${a} and ${b}: ${both.join(', ')}`);
      }
    const f1 = createInstance('scorer', Qa) as Scorer;
    for (const line of readFileSync('test/fixtures/golden/squad.jsonl', 'utf8').split('\n')) {
      if (line === '') continue;
      const { reference, answer } = JSON.parse(line) as { reference: string[]; answer: string };
      const [first, ...rest] = reference as [string, ...string[]];
      if (rest.length > 0) continue;
      const there = (await gradeWith(f1, { reference: first })(answer)).value;
      const back = (await gradeWith(f1, { reference: answer })(first)).value;
      if (there !== null && back !== null && Math.abs(there - back) > 1e-12)
        wrong.push(`${first} and ${answer}: ${there}, ${back}`);
    }
    expect(wrong).to.deep.equal([]);
  });
});

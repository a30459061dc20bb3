import { expect } from 'chai';
import type { Scorer } from '../../../../core/index.js';
import { Choice } from '../../../../plugins/scorers/choice.js';
import { createInstance } from '../../../support/instance.js';
import { gradeWith, readCases, share } from '../../../support/case-table.js';

interface Group {
  readonly wants: readonly [
    reference: string | readonly string[],
    choices?: readonly string[] | null,
    prompt?: string,
  ];
  readonly cases: readonly (readonly [answer: string, value: number | null])[];
}

describe('choice', () => {
  const scorer = createInstance('scorer', Choice) as Scorer;
  const groups = readCases<Group>('choice');
  for (const { wants, cases } of groups) {
    const [reference, choices, prompt = 'Which one?'] = wants;
    it(`grades ${cases.length} answers where ${JSON.stringify(reference)} is right among ${JSON.stringify(choices ?? prompt)}`, async () => {
      const grade = gradeWith(scorer, {
        prompt,
        reference,
        ...(choices == null ? {} : { choices }),
      });
      const wrong: string[] = [];
      for (const [answer, value] of cases) {
        const got = await grade(answer);
        if (got.value !== value)
          wrong.push(`${JSON.stringify(answer)}: ${JSON.stringify(got)} instead of ${value}`);
      }
      expect(wrong).to.deep.equal([]);
    });
  }
  it('is tested on at least 120 answers, a third of them wrong', () => {
    const values = groups.flatMap(({ cases }) => cases.map(([, value]) => value));
    expect(values.length).to.be.at.least(120);
    expect(share(values, (value) => value === 0)).to.be.at.least(1 / 3);
  });
});

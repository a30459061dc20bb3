import { expect } from 'chai';
import type { Scorer } from '../../../../core/index.js';
import { Qa } from '../../../../plugins/scorers/qa.js';
import { createInstance } from '../../../support/instance.js';
import { gradeWith, readCases, share } from '../../../support/case-table.js';

interface Group {
  readonly wants: string | readonly string[];
  readonly cases: readonly (readonly [answer: string, em: number | null, f1: number | null])[];
}

describe('qa', () => {
  const groups = readCases<Group>('qa');
  for (const [metric, at] of [
    ['em', 1],
    ['f1', 2],
  ] as const) {
    const scorer = createInstance('scorer', Qa, { metric }) as Scorer;
    for (const { wants, cases } of groups) {
      it(`gives ${cases.length} answers their ${metric} against ${JSON.stringify(wants)}`, async () => {
        const grade = gradeWith(scorer, { reference: wants });
        const wrong: string[] = [];
        for (const one of cases) {
          const [got, wanted] = [await grade(one[0]), one[at]];
          if (
            wanted === null
              ? got.value !== null
              : got.value === null || Math.abs(got.value - wanted) > 1e-12
          )
            wrong.push(`${JSON.stringify(one[0])}: ${JSON.stringify(got)} instead of ${wanted}`);
        }
        expect(wrong).to.deep.equal([]);
      });
    }
  }
  it('is tested on at least 120 answers, a third of them wrong', () => {
    const values = groups.flatMap(({ cases }) => cases.map(([, , value]) => value));
    expect(values.length).to.be.at.least(120);
    expect(share(values, (value) => value === 0)).to.be.at.least(1 / 3);
  });
});

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Scorer } from '../../../../core/index.js';
import { Qa } from '../../../../plugins/scorers/qa.js';
import { createInstance } from '../../../support/instance.js';
import { gradeWith, readCases, share } from '../../../support/case-table.js';

/** Made by the formulas of SQuAD 1.1 in Python; see squad.py beside the file. */
interface Golden {
  readonly reference: readonly string[];
  readonly answer: string;
  readonly f1: number;
  readonly em: number;
}

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
    const scorer = createInstance('scorer', Qa, { metric, words: 'extended' }) as Scorer;
    for (const { wants, cases } of groups) {
      it(`gives ${cases.length} answers their ${metric} in extended words against ${JSON.stringify(wants)}`, async () => {
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
  it('has the F1 and exact match of SQuAD 1.1', async () => {
    const rows = readFileSync('test/fixtures/golden/squad.jsonl', 'utf8').trim().split('\n');
    expect(rows.length).to.be.at.least(300);
    const [inF1, inEm] = (['f1', 'em'] as const).map(
      (metric) => createInstance('scorer', Qa, { metric }) as Scorer,
    ) as [Scorer, Scorer];
    const wrong: string[] = [];
    for (const line of rows) {
      const { reference, answer, f1, em } = JSON.parse(line) as Golden;
      const got = [await gradeWith(inF1, { reference })(answer)];
      got.push(await gradeWith(inEm, { reference })(answer));
      const [gotF1, gotEm] = got.map(({ value }) => value ?? NaN) as [number, number];
      if (!(Math.abs(gotF1 - f1) < 1e-9 && gotEm === em)) wrong.push(`${line}: ${gotF1}, ${gotEm}`);
    }
    expect(wrong).to.deep.equal([]);
  });
  it('is tested on at least 120 answers, a third of them wrong', () => {
    const values = groups.flatMap(({ cases }) => cases.map(([, , value]) => value));
    expect(values.length).to.be.at.least(120);
    expect(share(values, (value) => value === 0)).to.be.at.least(1 / 3);
  });
});

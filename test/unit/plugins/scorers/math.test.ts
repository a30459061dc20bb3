import { expect } from 'chai';
import type { Scorer } from '../../../../core/index.js';
import { decide } from '../../../../plugins/scorers/_math/compare-answers.js';
import { MathScorer } from '../../../../plugins/scorers/math.js';
import { HOSTILE_TEXTS } from '../../../../testing/scorer.js';
import { createInstance } from '../../../support/instance.js';
import { gradeWith, readCases, share } from '../../../support/case-table.js';

interface Group {
  readonly wants: string | readonly string[];
  readonly prompt?: string;
  readonly cases: readonly (readonly [answer: string, value: number | null])[];
}

describe('math', () => {
  const scorer = createInstance('scorer', MathScorer) as Scorer;
  const groups = readCases<Group>('math');
  for (const { wants, prompt = 'Compute.', cases } of groups) {
    it(`grades ${cases.length} answers where ${JSON.stringify(wants)} is right`, async () => {
      const grade = gradeWith(scorer, { reference: wants, prompt });
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

  it('accepts a relative difference if the options say so', async () => {
    const loose = gradeWith(createInstance('scorer', MathScorer, { tolerance: 0.01 }) as Scorer, {
      reference: '\\sqrt{2}',
    });
    expect([(await loose('1.41')).value, (await loose('1.3')).value]).to.deep.equal([1, 0]);
  });

  it('returns null, and continues, if a comparison takes too long', async () => {
    const hasty = createInstance('scorer', MathScorer, { timeoutMs: 1 }) as Scorer;
    const slow = `${'\\sin('.repeat(9)}x${')'.repeat(9)}`;
    const grade = await gradeWith(hasty, { reference: `${slow}+0` })(`0+${slow}`);
    expect(grade).to.deep.equal({ value: null, reason: 'comparing took longer than 1 ms' });
    expect((await gradeWith(scorer, { reference: '2' })('1+1')).value).to.equal(1);
  });

  it('counts the steps of a comparison and abandons it above a limit, equally on every machine', async () => {
    const sum = Array.from({ length: 6 }, (_, i) => `\\sin(x+${i})`);
    const hard = {
      reference: sum.join('+'),
      answer: [...sum].reverse().join('+'),
      asksPercent: false,
      tolerance: 0,
    };
    expect(decide({ ...hard, mostWork: 300 })).to.deep.include({
      problem: 'comparing takes more than 300 steps',
    });
    const { work, ...decision } = decide(hard);
    expect([decision, work]).to.deep.equal([{ equal: true }, decide(hard).work]);
    expect(work).to.be.within(300, 2000);
    expect(
      await gradeWith(createInstance('scorer', MathScorer, { mostWork: 300 }) as Scorer, {
        reference: hard.reference,
      })(`\\boxed{${hard.answer}}`),
    ).to.deep.equal({ value: null, reason: 'comparing takes more than 300 steps' });
  });

  it('computes a member of a set once, however many others it is compared with', () => {
    const set = (count: number, of: (i: number) => string): string =>
      `\\{${Array.from({ length: count }, (_, i) => of(i)).join(',')}\\}`;
    const { work } = decide({
      reference: set(20, (i) => `\\sqrt{${i + 2}}+x`),
      answer: set(59, (i) => `\\sin(\\cos(x+${i}))`),
      asksPercent: false,
      tolerance: 0,
    });
    expect(work).to.be.below(5000); // a thousand pairs
  });

  it('grades hostile answers against references of every form', async () => {
    for (const reference of ['\\frac{1}{2}', '\\{1,2\\}', '5\\text{ cm}', 'x=2']) {
      for (const text of HOSTILE_TEXTS)
        expect((await gradeWith(scorer, { reference })(text)).value).to.not.equal(1);
    }
  });
});

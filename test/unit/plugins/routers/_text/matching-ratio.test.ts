import { expect } from 'chai';
import fc from 'fast-check';
import { buildMatcher } from '../../../../../plugins/routers/_text/matching-ratio.js';
import { golden } from '../../../../support/golden.js';

describe('the ratio of matching blocks', () => {
  it('equals that of Python’s difflib to the last bit, below and above 200 characters', async () => {
    const { cases } = await golden<{
      readonly cases: readonly { readonly a: string; readonly b: string; readonly ratio: number }[];
    }>('difflib-ratio.json');
    expect(cases.length).to.be.greaterThan(100);
    for (const { a, b, ratio } of cases)
      expect(buildMatcher(b)(a), `${a.slice(0, 30)} | ${b.slice(0, 30)}`).to.equal(ratio);
  });

  it('is within [0, 1], and 1 only for equal texts', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 230 }), fc.string({ maxLength: 230 }), (a, b) => {
        const ratio = buildMatcher(b)(a);
        return ratio >= 0 && ratio <= 1 && (ratio === 1) === (a === b) && buildMatcher(a)(a) === 1;
      }),
      { numRuns: 40 },
    );
  });

  it('does not depend on earlier comparisons', () => {
    const matcher = buildMatcher('the quick brown fox');
    const first = matcher('a quick brown dog');
    matcher('fox the brown quick');
    expect(matcher('a quick brown dog')).to.equal(first);
  });
});

import { expect } from 'chai';
import type { Difference } from '../../../../analysis/comparison/compare.js';
import { judge } from '../../../../analysis/comparison/verdict.js';
import { normalTail } from '../../../../analysis/statistics/normal.js';

const difference = (gain: number, error: number, over: Partial<Difference> = {}): Difference => {
  const higherIsBetter = over.higherIsBetter ?? true;
  const value = higherIsBetter ? gain : -gain;
  return {
    router: 'r',
    column: 'OOD AVG',
    metric: 'auroc',
    higherIsBetter,
    before: 0.7,
    after: 0.7 + value,
    difference: value,
    pairing: 'paired',
    ci: [value - 1.96 * error, value + 1.96 * error],
    pNotWorse: (margin) => normalTail((-margin - gain) / error),
    ...over,
  };
};
const margins = { auroc: { margin: 0.02 }, ece: { margin: 0.02 } };
const judgeDifferences = (...differences: readonly Difference[]) =>
  judge({ differences }, margins, ['OOD AVG'], 0.95);

describe('the verdict', () => {
  it('passes what is not worse by more than the margin, fails what is, and says so where the data allow both', () => {
    expect(judgeDifferences(difference(0, 0.005)).verdict).to.equal('pass');
    expect(
      judgeDifferences(difference(-0.01, 0.004)).verdict,
      'worse beyond doubt, but within the margin',
    ).to.equal('pass');
    expect(judgeDifferences(difference(-0.05, 0.005)).verdict).to.equal('fail');
    expect(judgeDifferences(difference(0, 0.05)).verdict).to.equal('inconclusive');
    expect(judgeDifferences(difference(-0.03, 0.01)).verdict).to.equal('inconclusive');
    expect(judgeDifferences(difference(0.05, 0.01)).checks[0]).to.include({
      verdict: 'pass',
      improved: true,
    });
  });

  it('reads a metric the other way round where lower is better', () => {
    const worse = judgeDifferences(
      difference(-0.05, 0.005, { metric: 'ece', higherIsBetter: false }),
    );
    expect([worse.verdict, worse.checks[0]?.because]).to.deep.equal([
      'fail',
      'worse by more than 0.02: gain −0.0598 to −0.0402',
    ]);
  });

  it('needs more evidence to fail one of many checks than to fail one alone', () => {
    const suspicious = difference(-0.02 - 0.022, 0.01); // p = 0.014 alone
    expect(judgeDifferences(suspicious).verdict).to.equal('fail');
    const many = Array.from({ length: 9 }, (_, i) =>
      difference(0, 0.001, { router: `other-${i}` }),
    );
    expect(judgeDifferences(suspicious, ...many).verdict).to.equal('inconclusive');
  });

  it('fails where a value is gone, and is inconclusive without an interval', () => {
    const { ci: _ci, ...bare } = difference(0, 1);
    expect(
      judgeDifferences({
        ...bare,
        after: null,
        difference: null,
        reason: 'after: all labels are 1',
        pNotWorse: () => null,
      }).verdict,
    ).to.equal('fail');
    expect(
      judgeDifferences({
        ...bare,
        reason: 'fewer than 30 independent queries',
        pNotWorse: () => null,
      }).checks[0],
    ).to.include({ verdict: 'inconclusive', because: 'fewer than 30 independent queries' });
  });
});

import { expect } from 'chai';
import { computeAgreement, classified } from '../../../../analysis/metrics/agreement.js';

const repeated = (counts: readonly (readonly number[])[]): readonly (readonly [number, number])[] =>
  counts.flatMap((row, i) =>
    row.flatMap((count, j) => Array.from({ length: count }, () => [i, j] as const)),
  );

describe('agreement', () => {
  it("gives Cohen's kappa: of 50 answers 20 and 15 alike, 5 and 10 not, it is 0.4", () => {
    const found = computeAgreement(
      repeated([
        [20, 5],
        [10, 15],
      ]),
      ['no', 'yes'],
    );
    expect(found).to.deep.include({
      pairs: 50,
      agreement: 0.7,
      weightedKappa: null,
      counts: [
        [20, 5],
        [10, 15],
      ],
    });
    expect(found.kappa).to.be.closeTo(0.4, 1e-12);
  });

  it('weighs near misses less in the weighted kappa, which for margins alike is the correlation', () => {
    // rows and columns have the margins 3, 4, 3; the covariance is 5 of a variance of 6
    const found = computeAgreement(
      repeated([
        [2, 1, 0],
        [1, 2, 1],
        [0, 1, 2],
      ]),
      ['1', '2', '3'],
    );
    expect(found.agreement).to.be.closeTo(0.6, 1e-12);
    expect(found.kappa).to.be.closeTo((0.6 - 0.34) / 0.66, 1e-12);
    expect(found.weightedKappa).to.be.closeTo(4 / 6, 1e-12);
  });

  it('is 1 for equals, below 0 for opposites, and has no kappa where chance agrees too', () => {
    expect(
      computeAgreement(
        repeated([
          [3, 0],
          [0, 4],
        ]),
        ['a', 'b'],
      ).kappa,
    ).to.equal(1);
    expect(
      computeAgreement(
        repeated([
          [0, 3],
          [3, 0],
        ]),
        ['a', 'b'],
      ).kappa,
    ).to.equal(-1);
    expect(
      computeAgreement(
        repeated([
          [7, 0],
          [0, 0],
        ]),
        ['a', 'b'],
      ),
    ).to.deep.include({ agreement: 1, kappa: null });
    expect(computeAgreement([], ['a', 'b'])).to.deep.include({
      pairs: 0,
      agreement: null,
      kappa: null,
    });
  });

  it('keeps whole grades of one scale as classes, and cuts others in two', () => {
    expect(
      classified(
        [
          [1, 10],
          [5, 5],
        ],
        [
          [1, 10],
          [1, 10],
        ],
        undefined,
      ),
    ).to.deep.include({
      pairs: [
        [0, 9],
        [4, 4],
      ],
    });
    expect(
      classified(
        [
          [1, 10],
          [0, 5],
        ],
        [
          [0, 1],
          [1, 10],
        ],
        undefined,
      ),
    ).to.deep.equal({
      pairs: [
        [1, 1],
        [0, 0],
      ],
      classes: ['below 0.5', 'from 0.5 on'],
    });
    expect(
      classified(
        [[0.4, 0.6]],
        [
          [0, 1],
          [0, 1],
        ],
        undefined,
      ).pairs,
    ).to.deep.equal([[0, 1]]);
    expect(
      classified(
        [[9, 10]],
        [
          [1, 10],
          [1, 10],
        ],
        1,
      ).pairs,
    ).to.deep.equal([[0, 1]]);
  });
});

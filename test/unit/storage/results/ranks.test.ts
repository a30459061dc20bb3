import { expect } from 'chai';
import fc from 'fast-check';
import { packRanks, unpackRanks } from '../../../../storage/results/ranks.js';

describe('packed ranks', () => {
  it('preserve order, ties and missing confidences', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.double({ noDefaultInfinity: true }), fc.constantFrom(NaN, 0, 1)), {
          maxLength: 80,
        }),
        (values) => {
          const ranks = unpackRanks(packRanks(Float64Array.from(values)));
          expect(ranks.length).to.equal(values.length);
          values.forEach((a, i) => {
            expect(Number.isNaN(ranks[i])).to.equal(Number.isNaN(a));
            values.forEach((b, j) => {
              if (!Number.isNaN(a) && !Number.isNaN(b))
                expect(Math.sign((ranks[i] as number) - (ranks[j] as number))).to.equal(
                  Number(a > b) - Number(a < b),
                );
            });
          });
        },
      ),
      { numRuns: 100 },
    );
  });

  it('use more bits for more ranks, and reject other texts', () => {
    const many = Float64Array.from({ length: 70_000 }, (_, i) => i);
    expect(unpackRanks(packRanks(many))[69_999]).to.equal(70_000);
    for (const text of ['', '3:AAAA', 'nonsense', '2:!!!!'])
      expect(() => unpackRanks(text), text).to.throw();
  });
});

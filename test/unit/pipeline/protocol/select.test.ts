import { expect } from 'chai';
import fc from 'fast-check';
import { scoringOrder } from '../../../../pipeline/protocol/order.js';
import { selectRows } from '../../../../pipeline/protocol/select.js';
import { splitFit } from '../../../../pipeline/protocol/split.js';

const sorted = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe('drawing, cutting and shuffling', () => {
  it('draws different rows in ascending order, the same for one seed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 500 }),
        fc.integer(),
        (rows, count, seed) => {
          const drawn = selectRows(rows, count, seed);
          expect(drawn).to.have.length(Math.min(rows, count));
          expect(new Set(drawn).size).to.equal(drawn.length);
          expect([...drawn]).to.deep.equal(sorted(drawn));
          expect(selectRows(rows, count, seed)).to.deep.equal(drawn);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('cuts the mix into two parts that share nothing and miss nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 800 }), fc.integer(), (rows, seed) => {
        const { train, validation } = splitFit(rows, 0.2, seed);
        expect(sorted([...train, ...validation])).to.deep.equal(upTo(rows));
        expect(train.length).to.equal(Math.round(rows * 0.8));
      }),
      { numRuns: 50 },
    );
  });

  it('shows every row of a set once, not in its own order', () => {
    for (const rows of [1, 255, 256, 257, 5000, 10_000]) {
      const windows = scoringOrder(rows, 256, '42/score');
      expect(sorted(windows.flatMap(({ order }) => [...order]))).to.deep.equal(upTo(rows));
      if (rows > 200)
        expect([...(windows[0]?.order ?? [])]).not.to.deep.equal(sorted(windows[0]?.order ?? []));
      for (const { order, shards } of windows)
        for (const row of order) expect(shards).to.include(Math.floor(row / 256));
    }
  });
});

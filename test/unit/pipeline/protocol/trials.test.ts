import { expect } from 'chai';
import fc from 'fast-check';
import { drawTrials } from '../../../../pipeline/protocol/trials.js';
import { canonicalJson } from '../../../../core/util/canonical-json.js';

const GRID = { rate: [1, 2, 3], hidden: [[], [64]], deep: [true] };

describe('options that are tried', () => {
  it('are none first, then different points of the grid, as many as asked for and there are', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 99 }),
        (count, seed) => {
          const trials = drawTrials(GRID, [], count, seed);
          expect(trials[0]).to.deep.equal({});
          expect(trials).to.have.length(count === 1 ? 1 : Math.min(count, 7));
          expect(new Set(trials.map(canonicalJson)).size).to.equal(trials.length);
          for (const trial of trials.slice(1)) {
            expect(trial).to.have.all.keys('rate', 'hidden', 'deep');
            expect(GRID.rate).to.include(trial['rate']);
            expect(GRID.hidden).to.deep.include(trial['hidden']);
          }
          expect(drawTrials(GRID, [], count, seed)).to.deep.equal(trials);
        },
      ),
    );
    const all = drawTrials(GRID, [], 99, 1)
      .slice(1)
      .map(({ rate, hidden }) => [rate, hidden]);
    expect(all).to.have.deep.members([
      [1, []],
      [1, [64]],
      [2, []],
      [2, [64]],
      [3, []],
      [3, [64]],
    ]);
  });

  it('leave alone what the config sets', () => {
    for (const trial of drawTrials(GRID, ['rate'], 8, 1)) expect(trial).not.to.have.key('rate');
    expect(drawTrials(GRID, ['rate', 'hidden', 'deep'], 8, 1)).to.deep.equal([{}]);
    expect(drawTrials({}, [], 8, 1)).to.deep.equal([{}]);
  });
});

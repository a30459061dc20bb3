import { expect } from 'chai';
import type { PairsLeaderboard } from '../../../../../analysis/report.js';
import { pairsMarkdown } from '../../../../../plugins/reporters/_pairs/pairs-table.js';

describe('the board of pairs', () => {
  it('has a row a pair, marks the best router, and says why a pair or a value is missing', () => {
    const board: PairsLeaderboard = {
      schema: 1,
      run: 'r',
      rankedBy: { metric: 'auroc', column: 'ID AVG' },
      pairs: [
        {
          run: 'r-a-b',
          weak: 'a',
          strong: 'b',
          weakScore: 0.25,
          strongScore: 0.5,
          values: { knn: { value: 0.7 }, 'prompt-length': { value: 0.6 } },
          failures: [],
        },
        {
          run: 'r-a-c',
          weak: 'a',
          strong: 'c',
          weakScore: 0.25,
          strongScore: 0.75,
          values: { 'prompt-length': { value: null, reason: 'one class' } },
          failures: ['knn failed'],
        },
      ],
    };
    expect(pairsMarkdown(board).split('\n')).to.deep.equal([
      '| weak | W | strong | S | knn | prompt-length |',
      '|---|---:|---|---:|---:|---:|',
      '| a | 0.250 | b | 0.500 | 0.700* | 0.600 |',
      '| a | 0.250 | c | 0.750 | – | – |',
      '',
      'auroc on ID AVG; W and S: mean grade of the two models over the sets; * the best of a pair.',
      'a and c: knn failed',
    ]);
  });
});

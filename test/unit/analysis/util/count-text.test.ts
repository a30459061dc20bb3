import { expect } from 'chai';
import { countText } from '../../../../analysis/util/count-text.js';

describe('a number of things', () => {
  it('has the singular for one thing only', () => {
    expect([0, 1, 2].map((count) => countText(count, 'row'))).to.deep.equal([
      '0 rows',
      '1 row',
      '2 rows',
    ]);
    expect([1, 2].map((count) => countText(count, 'reply', 'replies'))).to.deep.equal([
      '1 reply',
      '2 replies',
    ]);
  });
});

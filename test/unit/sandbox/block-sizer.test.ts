import { expect } from 'chai';
import { BlockSizer } from '../../../sandbox/block-sizer.js';

/** Sizes of the requests for 256 rows of a router that needs `msPerRow`. */
function sizes(msPerRow: number, limitMs = 60_000, rows = 256): readonly number[] {
  const sizer = new BlockSizer(limitMs);
  const all: number[] = [];
  for (let left = rows; left > 0;) {
    const next = sizer.next(left);
    sizer.took(next, next * msPerRow);
    all.push(next);
    left -= next;
  }
  return all;
}

describe('sizes of requests for confidences', () => {
  it('grow fast where the router is fast', () => {
    expect(sizes(0.01)).to.deep.equal([1, 16, 239]);
    expect(sizes(0)).to.deep.equal([1, 16, 239]);
  });

  it('take a quarter of the limit where the router is slow, and at least one row', () => {
    expect(sizes(250)).to.deep.equal([1, 16, 60, 60, 60, 59]);
    expect(sizes(30_000, 60_000, 3)).to.deep.equal([1, 1, 1]);
  });

  it('shrink where the router becomes slower', () => {
    const sizer = new BlockSizer(1000);
    sizer.took(sizer.next(99), 1);
    sizer.took(16, 1600);
    expect(sizer.next(99)).to.equal(2);
  });
});

import { expect } from 'chai';
import { RowMemory } from '../../../../pipeline/signals/row-memory.js';

describe('memory for the rows of a block', () => {
  it('gives rows their own places, and the same ones to the next block', () => {
    const memory = new RowMemory(5);
    const [first, second] = [memory.take(2).fill(1), memory.take(3).fill(2)];
    expect([...first, ...second]).to.deep.equal([1, 1, 2, 2, 2]);
    expect(() => memory.take(1)).to.throw('more than 5 numbers');
    memory.restart();
    expect([...memory.take(5)]).to.deep.equal([1, 1, 2, 2, 2]);
  });
});

import { expect } from 'chai';
import { seededRandom } from '../../../../core/index.js';
import { ChainedKeys } from '../../../../pipeline/util/chained-keys.js';

describe('chained keys', () => {
  it('find the entries of a key in their order, among many and after growing', () => {
    const random = seededRandom('keys');
    const keys = new ChainedKeys();
    const wanted = new Map<number, number[]>();
    for (let number = 0; number < 20_000; number++) {
      // half of them are rare, and some are above 2 ** 31
      const key = random.float() < 0.5 ? random.int(0, 50) : random.int(0, 2 ** 32 - 1);
      keys.add(key);
      wanted.set(key, [...(wanted.get(key) ?? []), number]);
    }
    for (const [key, numbers] of wanted) {
      const found: number[] = [];
      keys.forEach(key, (number) => found.push(number));
      expect(found).to.deep.equal(numbers);
      expect(keys.keyOf(numbers[0] as number)).to.equal(key);
    }
  });

  it('find nothing for a key that was not added', () => {
    const keys = new ChainedKeys();
    keys.forEach(7, () => expect.fail('an entry was visited'));
    keys.add(8);
    keys.forEach(7, () => expect.fail('an entry was visited'));
  });
});

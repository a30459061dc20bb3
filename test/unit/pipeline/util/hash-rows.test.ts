import { expect } from 'chai';
import { jsonHash } from '../../../../core/util/canonical-json.js';
import { hashItems, hashLists } from '../../../../pipeline/util/hash-rows.js';

const numbers = (length: number): Float64Array =>
  Float64Array.from({ length }, (_, i) => (i % 7 === 0 ? NaN : (i - 50) / 3));

describe('hashes of long lists', () => {
  it('equal jsonHash, at the ends of blocks too', () => {
    for (const length of [0, 1, 4095, 4096, 4097, 8192]) {
      const list = numbers(length);
      expect(hashItems(list), `${length}`).to.equal(jsonHash([...list]));
      const more = Uint8Array.of(1, 0);
      expect(hashItems(list, more), `${length}`).to.equal(jsonHash([...list, ...more]));
      expect(hashLists([list, more]), `${length}`).to.equal(jsonHash([[...list], [...more]]));
    }
    expect(hashLists([])).to.equal(jsonHash([]));
    const rows = [['ä"\n', 0.1, null] as const, ['b', -0, 1e21] as const];
    expect(hashItems(rows)).to.equal(jsonHash(rows));
  });
});

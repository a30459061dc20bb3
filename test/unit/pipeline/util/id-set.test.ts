import { expect } from 'chai';
import { IdSet } from '../../../../pipeline/util/id-set.js';

describe('a set of id hashes', () => {
  it('knows every id again, and takes none of half a million others for one of them', () => {
    const ids = new IdSet();
    let seen = 0;
    for (let i = 0; i < 500_000; i++) if (ids.add(`q${i}`)) seen++;
    expect(seen).to.equal(0);
    for (let i = 0; i < 500_000; i += 1000) expect(ids.add(`q${i}`)).to.equal(true);
  });
});

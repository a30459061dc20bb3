import { expect } from 'chai';
import { seededRandom } from '../../../core/index.js';
import { mutateBytes, mutateDocument, mutateJson, mutateLines } from '../../../fuzz/mutate.js';

const VALUE = { name: 'a', list: [1, 2, 3], inner: { deep: { text: 'x', none: null } } };
const seeds = Array.from({ length: 300 }, (_, i) => i);

describe('mutations', () => {
  it('depend on nothing but the seed, and leave the original as it is', () => {
    const before = JSON.stringify(VALUE);
    for (const seed of seeds) {
      const [first, second] = [0, 1].map(() => mutateJson(VALUE, seededRandom(seed)));
      expect(JSON.stringify(first)).to.equal(JSON.stringify(second));
      expect(JSON.stringify(VALUE)).to.equal(before);
    }
  });

  it('differ from the original nearly always', () => {
    const whole = JSON.stringify(VALUE);
    const bytes = Buffer.from(whole);
    const changed = (make: (seed: number) => string): number =>
      seeds.filter((seed) => make(seed) !== whole).length;
    expect(changed((seed) => JSON.stringify(mutateJson(VALUE, seededRandom(seed))))).to.be.at.least(
      280,
    );
    expect(changed((seed) => mutateBytes(bytes, seededRandom(seed)).toString())).to.be.at.least(
      280,
    );
    expect(changed((seed) => mutateDocument(VALUE, seededRandom(seed)).toString())).to.be.at.least(
      280,
    );
    const lines = `${whole}\n${whole}\n`;
    const same = seeds.filter(
      (seed) => mutateLines([VALUE, VALUE], seededRandom(seed)).toString() === lines,
    );
    // one of ten rows is changed in a sixth of the cases
    expect(same.length).to.be.lessThan(70);
  });

  it('give objects keys of their own that others inherit', () => {
    const odd = seeds.some((seed) =>
      Object.hasOwn(Object(mutateJson({ a: 1 }, seededRandom(seed))) as object, '__proto__'),
    );
    expect(odd).to.equal(true);
    expect(Object.keys(Object.prototype)).to.deep.equal([]);
  });
});

import { expect } from 'chai';
import {
  hasNoPreference,
  losesKnowledge,
  type WordedConfidences,
} from '../../../../analysis/statistics/look-up.js';
import { seededRandom } from '../../../../core/util/random.js';

const N = 100;
const random = seededRandom('look-up');
const normals = (): Float64Array => Float64Array.from({ length: N }, () => random.normal());
const label = Uint8Array.from({ length: N }, () => (random.float() < 0.6 ? 1 : 0));
const exactly = Float64Array.from(label);
/** Confidences that know the label as well as `strength` says. */
const knowing = (strength: number): Float64Array =>
  normals().map((noise, i) => noise + strength * (label[i] as number));

describe('knowledge that is lost in other words', () => {
  it('is that of a table: whatever it says of a text without an entry', () => {
    const after: Readonly<Record<string, Float64Array>> = {
      constant: new Float64Array(N).fill(0.5),
      nothing: new Float64Array(N).fill(NaN),
      random: normals(),
    };
    for (const [fallback, confidences] of Object.entries(after))
      expect(losesKnowledge(label, [{ before: exactly, after: confidences }]), fallback).to.equal(
        true,
      );
    const seeds = [1, 2, 3].map((): WordedConfidences => ({ before: exactly, after: normals() }));
    expect(losesKnowledge(label, seeds), 'fitted thrice').to.equal(true);
  });

  it('is not that of a router that knows less of other words, or that never knew anything', () => {
    const before = knowing(2);
    expect(
      losesKnowledge(label, [
        { before, after: before.map((value, i) => value + (normals()[i] as number)) },
      ]),
    ).to.equal(false);
    expect(losesKnowledge(label, [{ before: normals(), after: normals() }])).to.equal(false);
    expect(
      losesKnowledge(label, [{ before: normals(), after: exactly.map((value) => -value) }]),
    ).to.equal(false);
    expect(
      losesKnowledge(label, [{ before: new Float64Array(N), after: new Float64Array(N) }]),
    ).to.equal(false);
    expect(losesKnowledge(label, [{ before: exactly, after: exactly }])).to.equal(false);
  });

  it('is said falsely at most once in a thousand times of a router that keeps half of it', () => {
    let said = 0;
    for (let i = 0; i < 1000; i++)
      // AUROC 0.83 and 0.66
      if (losesKnowledge(label, [{ before: knowing(1.35), after: knowing(0.6) }])) said++;
    expect(said).to.be.at.most(3);
  });

  it('is not told from few queries or one class', () => {
    expect(
      losesKnowledge(label.subarray(0, 10), [
        { before: exactly.subarray(0, 10), after: new Float64Array(10) },
      ]),
    ).to.equal(false);
    expect(losesKnowledge(new Uint8Array(N), [{ before: knowing(1), after: normals() }])).to.equal(
      false,
    );
    expect(losesKnowledge(label, [])).to.equal(false);
  });
});

describe('no preference among other wordings', () => {
  it('is next to none where there was some', () => {
    expect(hasNoPreference(100, 1, 0)).to.equal(true);
    expect(hasNoPreference(100, 0.9, 0.03)).to.equal(true);
    expect(hasNoPreference(100, 0.9, 0.1)).to.equal(false);
  });

  it('is not that of a constant router, nor told from few queries', () => {
    expect([
      hasNoPreference(100, 0, 0),
      hasNoPreference(100, 0.05, 0),
      hasNoPreference(10, 1, 0),
      hasNoPreference(100, null, 0),
    ]).to.deep.equal([false, false, false, false]);
  });
});

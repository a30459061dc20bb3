import { expect } from 'chai';
import { computeFingerprint, QuestionIndex } from '../../../../pipeline/protocol/overlap.js';
import { NearIndex } from '../../../../pipeline/protocol/min-hash.js';
import { seededRandom } from '../../../../core/index.js';

const random = seededRandom('questions');
const words = Array.from({ length: 60 }, () => random.int(0, 2000).toString(36));
const question = (): string =>
  Array.from({ length: random.int(1, 20) }, () => words[random.int(0, 59)] as string).join(' ');

describe('an index of questions', () => {
  it('returns the fingerprint of every question that was added, also of equal ones', () => {
    const prompts = Array.from({ length: 500 }, question);
    const all = [...prompts, ...prompts.slice(0, 50), ...prompts.map((text) => `${text} !`), ''];
    const index = new QuestionIndex(0.8);
    all.forEach((prompt, i) => index.add(`q-${i}`, computeFingerprint(prompt)));
    expect(index.size).to.equal(all.length);
    all.forEach((prompt, i) => {
      expect(index.fingerprintOf(i)).to.deep.equal(computeFingerprint(prompt));
      expect(index.idOf(i)).to.equal(`q-${i}`);
      expect(index.firstIdOf(i)).to.equal(`q-${all.indexOf(prompt)}`);
      expect(index.find(computeFingerprint(prompt))).to.deep.equal({
        id: `q-${all.indexOf(prompt)}`,
        likeness: 'exact',
      });
    });
  });

  it('finds the likest text, the first of equally like ones', () => {
    const near = new NearIndex();
    const texts = Array.from({ length: 400 }, question).flatMap((text) => [
      text,
      `${text} x`,
      text,
    ]);
    const signatures = texts.flatMap((text) => computeFingerprint(text).signature ?? []);
    signatures.forEach((signature, i) => expect(near.add(signature)).to.equal(i));
    for (const signature of signatures) {
      const same = signatures.findIndex(
        ({ shingles }) => String(shingles) === String(signature.shingles),
      );
      expect(near.find(signature, 0.8, () => true)).to.equal(same);
    }
  });
});

import { expect } from 'chai';
import { parseEntailment } from '../../../../pipeline/signals/entailment-reply.js';

describe('a reply about entailment', () => {
  it('is its first yes or no, as a word of its own and in any case', () => {
    for (const text of ['yes', 'Yes.', '**YES**, it follows, no doubt', 'The answer is yes'])
      expect(parseEntailment(text), text).to.equal(1);
    for (const text of ['no', 'No, not yes', ' "No"', 'I say: NO!'])
      expect(parseEntailment(text), text).to.equal(0);
  });

  it('is null where there is neither', () => {
    for (const text of ['', 'perhaps', 'nothing of the kind', 'eyes', 'not', '1'])
      expect(parseEntailment(text), text).to.equal(null);
  });
});

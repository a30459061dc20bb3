import { expect } from 'chai';
import type { DatasetRow, GradeContext, Scorer } from '../../../../core/index.js';
import { Exact } from '../../../../plugins/scorers/exact.js';
import { createInstance } from '../../../support/instance.js';

const NO_MODELS: GradeContext = { ask: () => Promise.reject(new Error('exact uses no model')) };
const row = (reference: string | readonly string[]): DatasetRow => ({
  id: '1',
  prompt: 'p',
  reference,
  domain: 'd',
});

describe('exact', () => {
  const grade = (
    reference: string | readonly string[],
    text: string,
    options: object = {},
  ): unknown =>
    (createInstance('scorer', Exact, options) as Scorer).grade(row(reference), { text }, NO_MODELS);
  const cases: readonly (readonly [string | readonly string[], string, number])[] = [
    ['12', '12', 1],
    ['12', ' 12\n', 1],
    ['12', '12.', 1],
    ['12', '13', 0],
    ['12', '12 apples', 0],
    ['a b', 'a  \t b', 1],
    ['é', 'e\u0301', 1],
    ['１２', '12', 1],
    ['ABC', 'abc', 0],
    [['yes', 'ja'], 'ja', 1],
    [['yes', 'ja'], 'no', 0],
  ];
  for (const [reference, text, value] of cases) {
    it(`gives ${value} for ${JSON.stringify(text)} against ${JSON.stringify(reference)}`, () => {
      expect(grade(reference, text)).to.deep.equal({ value });
    });
  }
  it('can ignore case', () => {
    expect(grade('ABC', 'abc', { ignoreCase: true })).to.deep.equal({ value: 1 });
  });
  it('returns null for an empty answer', () => {
    for (const text of ['', '  \n', '.'])
      expect(grade('x', text)).to.deep.equal({
        value: null,
        reason: 'the answer is empty',
        unread: true,
      });
  });
});

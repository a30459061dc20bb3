import { expect } from 'chai';
import fc from 'fast-check';
import { SecretFilter } from '../../../../../plugins/models/_openai/secret-filter.js';

const SECRETS = ['sesame-open', 'sesame'];
const through = (parts: readonly string[]): string => {
  const filter = new SecretFilter(SECRETS);
  return parts.map((part) => filter.pass(part)).join('') + filter.end();
};

describe('a log without secrets', () => {
  it('passes everything else on at once', () => {
    const filter = new SecretFilter(SECRETS);
    expect(filter.pass('loading 10 %\r')).to.equal('loading 10 %\r');
    expect([filter.pass('the ses'), filter.pass('sion ended'), filter.end()]).to.deep.equal([
      'the ',
      'session ended',
      '',
    ]);
    expect([filter.pass('ses'), filter.end()]).to.deep.equal(['', 'ses']);
  });

  it('removes the longer of two secrets completely, although the shorter came first', () => {
    const filter = new SecretFilter(SECRETS);
    expect([
      filter.pass('sesame'),
      filter.pass('-op'),
      filter.pass('en, sesame'),
      filter.end(),
    ]).to.deep.equal(['', '', '[secret], ', '[secret]']);
  });

  it('is the same wherever the text is split, and contains no secret', () => {
    const words = fc.array(
      fc.constantFrom('sesame-open', 'sesame', 'ses', 'ame', '-', 'open', ' ', 's', 'e'),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(words, fc.array(fc.nat(100), { maxLength: 8 }), (given, cuts) => {
        const text = given.join('');
        const places = [
          0,
          ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b),
          text.length,
        ];
        const parts = places.slice(1).map((end, i) => text.slice(places[i], end));
        expect(through(parts)).to.equal(through([text]));
        expect(through(parts)).not.to.include('sesame');
        expect(through(parts).replaceAll('[secret]', '').length).to.be.at.most(text.length);
        if (!text.includes('sesame')) expect(through(parts)).to.equal(text);
      }),
    );
  });
});

import { expect } from 'chai';
import fc from 'fast-check';
import { parseJson } from '../../../../core/util/json.js';

describe('parsing JSON', () => {
  it('gives what JSON.parse gives, except for integers that it would round', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        const hasLong = /\d{16}/.test(text);
        if (!hasLong) expect(parseJson(text)).to.deep.equal(JSON.parse(text));
      }),
    );
    expect(
      parseJson(
        '{"a": 1839201746350182401, "b": [-1839201746350182401], "c": "1839201746350182401 x"}',
      ),
    ).to.deep.equal({
      a: '1839201746350182401',
      b: ['-1839201746350182401'],
      c: '1839201746350182401 x',
    });
    expect(
      parseJson('[9007199254740991, 1839201746350182401e2, 0.1234567890123456789]'),
    ).to.deep.equal([9007199254740991, 1839201746350182401e2, 0.1234567890123456789]);
  });

  it('refuses what is no JSON, such as long numbers with a leading zero', () => {
    for (const text of [
      '099999999999999999999',
      '+12345678901234567',
      '12345678901234567x',
      '{"a":}',
    ])
      expect(() => parseJson(text), text).to.throw(SyntaxError);
  });
});

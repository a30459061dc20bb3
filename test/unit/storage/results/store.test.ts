import { expect } from 'chai';
import fc from 'fast-check';
import { resultJson } from '../../../../storage/results/store.js';

describe('result files', () => {
  it('contain the value with 6 decimals, whatever its strings look like', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('[1]', '{', '}', ',\n  "a": [', '"', '\\', 'a: { b }'),
    );
    const leaf = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(
        value,
        (one) =>
          void expect(JSON.parse(resultJson(one))).to.deep.equal(JSON.parse(JSON.stringify(one))),
      ),
      { numRuns: 200 },
    );
    expect(JSON.parse(resultJson({ third: 1 / 3 }))).to.deep.equal({ third: 0.333333 });
  });

  it('have short values on one line, so that a changed number changes one line', () => {
    const lines = resultJson({
      metrics: {
        auroc: { value: 0.5, ci: [0.4, 0.6] },
        lpm: { value: null, reason: 'none' },
        cost: { value: null, reason: 'the cost of the answers of the strong model is not known' },
      },
    }).split('\n');
    expect(lines)
      .to.include('    "auroc": {"value": 0.5, "ci": [0.4, 0.6]},')
      .and.to.include('    "lpm": {"value": null, "reason": "none"},');
  });
});

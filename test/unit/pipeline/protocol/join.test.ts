import { expect } from 'chai';
import { join } from '../../../../pipeline/protocol/join.js';

const grade = (id: string, value: number | null = 1): { id: string; value: number | null } => ({
  id,
  value,
});
const sure = (
  id: string,
  confidence: number | null = 0,
): { id: string; confidence: number | null } => ({ id, confidence });

describe('join', () => {
  it('meets labels and confidences by id, whatever their order', () => {
    const rows = join(
      'set',
      [grade('a', 1), grade('b', null)],
      [grade('b', 0.5), grade('a', 0)],
      [sure('b', 2), sure('a', null)],
    );
    expect(rows).to.deep.equal([
      { id: 'a', weak: 1, strong: 0, confidence: null },
      { id: 'b', weak: null, strong: 0.5, confidence: 2 },
    ]);
  });

  it('gives the same whether or not the lists are in one order', () => {
    const ids = ['c', 'a', 'b'];
    const weak = ids.map((id, i) => grade(id, i));
    const strong = ids.map((id, i) => grade(id, i === 1 ? null : 2 * i));
    const confidences = ids.map((id, i) => sure(id, -i));
    expect(join('set', weak, strong, confidences)).to.deep.equal(
      join('set', weak, [...strong].reverse(), [...confidences].reverse()),
    );
  });

  const cases: readonly (readonly [string, () => unknown, string])[] = [
    [
      'a missing strong grade',
      () => join('set', [grade('a'), grade('b')], [grade('a')], [sure('a'), sure('b')]),
      '"b"',
    ],
    [
      'a missing confidence',
      () => join('set', [grade('a'), grade('b')], [grade('a'), grade('b')], [sure('b')]),
      '"a"',
    ],
    [
      'a confidence too many',
      () => join('set', [grade('a')], [grade('a')], [sure('a'), sure('x')]),
      '"x"',
    ],
    [
      'a double weak grade',
      () => join('set', [grade('a'), grade('a')], [grade('a')], [sure('a')]),
      '"a"',
    ],
    [
      'an id that is double in all three',
      () => join('set', [grade('a'), grade('a')], [grade('a'), grade('a')], [sure('a'), sure('a')]),
      '"a"',
    ],
    [
      'a double confidence',
      () => join('set', [grade('a')], [grade('a')], [sure('a'), sure('a')]),
      '"a"',
    ],
  ];
  for (const [what, work, named] of cases) {
    it(`refuses ${what} and names the id`, () => {
      expect(work).to.throw(named).with.property('code', 'RXB6003');
    });
  }
});

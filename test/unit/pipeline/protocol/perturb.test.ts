import { expect } from 'chai';
import { withOtherBlanks, withOtherCase } from '../../../../pipeline/protocol/perturb.js';
import { normalised } from '../../../../pipeline/protocol/normalise.js';
import { seededRandom } from '../../../../core/util/random.js';

/** Every text that a perturbation makes of this one. */
const all = (perturb: typeof withOtherBlanks, text: string): ReadonlySet<string | null> =>
  new Set(Array.from({ length: 40 }, (_, i) => perturb(text, seededRandom(i))));

describe('perturbed queries', () => {
  it('have other blanks: doubled between words, a line break at the end, or a blank at both ends', () => {
    expect(all(withOtherBlanks, 'Write "a b" backwards, please.')).to.deep.equal(
      new Set([
        ' Write "a b" backwards, please. ',
        'Write  "a b"  backwards,  please.',
        'Write "a b" backwards, please.\n',
      ]),
    );
    expect(all(withOtherBlanks, '1+1=?')).to.deep.equal(new Set(['1+1=?\n', ' 1+1=? ']));
  });

  it('have other case: small, in capitals, or each word with a capital', () => {
    expect(all(withOtherCase, 'Tom has 5 apples.')).to.deep.equal(
      new Set(['tom has 5 apples.', 'TOM HAS 5 APPLES.', 'Tom Has 5 Apples.']),
    );
    expect(all(withOtherCase, 'Größe der Fläche?'))
      .to.include('größe der fläche?')
      .and.to.include('GRÖSSE DER FLÄCHE?');
  });

  it('keep letters of options, numbers, variables, units, formulas and abbreviations', () => {
    for (const text of all(
      withOtherCase,
      'Which of these holds? A) x > 3 B) NaCl is a salt C) 5 mW or MW (DNA, ii, kWh)',
    )) {
      for (const kept of ['A) x > 3 B) NaCl ', 'C) 5 mW or MW (DNA, ii, kWh)'])
        expect(text).to.contain(kept);
    }
  });

  it('keep what is quoted, code, mathematics and addresses', () => {
    const kept = [
      '"Ab  cd ef"',
      '“Ab cd”',
      "'some Word'",
      '`let Name = 1`',
      '$\\sin  Alpha$',
      '\\(Beta gamma\\)',
      'https://example.com/Some',
      '```\nFor each x:\n  Print  it\n```',
    ];
    const text = `Look at this: ${kept.join(' and then ')}\nplease say what's meant, and don't guess.\n    if Indented code:\nDone now.`;
    for (const perturb of [withOtherBlanks, withOtherCase]) {
      const others = all(perturb, text);
      expect(others.size).to.equal(3);
      for (const other of others)
        for (const own of [...kept, '\n    if Indented code:\n']) expect(other).to.contain(own);
    }
    expect(
      [...all(withOtherCase, text)].some(
        (other) => other?.includes("WHAT'S MEANT, AND DON'T GUESS") === true,
      ),
    ).to.equal(true);
  });

  it('are none where there is nothing to change, and are the same question to whoever compares questions', () => {
    expect(all(withOtherCase, '2 + 2 = ?')).to.deep.equal(new Set([null]));
    expect(all(withOtherCase, '这是什么？')).to.deep.equal(new Set([null]));
    const text = 'Which of these is a kind of tool? A) oak B) hammer C) "red one" D) seven';
    for (const perturb of [withOtherBlanks, withOtherCase]) {
      for (const other of all(perturb, text)) {
        expect(other).not.to.equal(text);
        expect(normalised(other as string)).to.equal(normalised(text));
      }
    }
  });
});

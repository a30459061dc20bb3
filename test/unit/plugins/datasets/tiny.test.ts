import { expect } from 'chai';
import { createHash } from 'node:crypto';
import {
  evaluationTexts,
  trainingLookups,
  trainingQuestions,
} from '../../../../plugins/datasets/_tiny/training.js';
import {
  FAMILIES,
  SPLITS,
  tinyParaphrases,
  tinyRows,
  tinySuite,
  type TinySet,
} from '../../../../plugins/datasets/_tiny/sets.js';
import { drawQuestion } from '../../../../plugins/datasets/_tiny/question.js';
import { seededRandom } from '../../../../core/index.js';

const SETS: readonly TinySet[] = [
  'tiny-arithmetic',
  'tiny-choice4',
  'tiny-instruct',
  'tiny-math-hard',
  'tiny-choice10',
  'tiny-instruct-composed',
];
const IN_DOMAIN = SETS.slice(0, 3);
const FAR = SETS.slice(3);
const templates = (set: TinySet): readonly string[] =>
  FAMILIES[set].flatMap((family) => [...family.templates]);

/**
 * How much of the training stream a quick test reads; the recipe's 200,000 per dataset are in
 * tiny.full.test.ts.
 */
const QUICK = 10_000;

describe('the six embedded datasets', () => {
  it('are six: three in domain, three out of domain', () => {
    expect(Object.keys(FAMILIES)).to.deep.equal(SETS);
  });

  it('have enough rows and templates, and separate out-of-domain templates', () => {
    for (const set of SETS) {
      expect(templates(set).length, set).to.be.at.least(20);
      expect(new Set(templates(set)).size).to.equal(templates(set).length);
    }
    expect([SPLITS.train, SPLITS.test]).to.satisfy(
      ([train, test]: [number, number]) => train >= 1000 && test >= 500,
    );
    const near = new Set(IN_DOMAIN.flatMap(templates));
    for (const template of FAR.flatMap(templates))
      expect(near.has(template), template).to.equal(false);
  });

  it('have no repeated text, in any split of any dataset', () => {
    const all = SETS.flatMap((set) =>
      Object.values(tinySuite()[set]).flatMap((questions) => questions.map(({ text }) => text)),
    );
    expect(all).to.have.length(
      SETS.length * Object.values(SPLITS).reduce((sum, rows) => sum + rows, 0),
    );
    expect(new Set(all).size).to.equal(all.length);
  });

  it('are the same rows on every machine', () => {
    const hash = createHash('sha256');
    for (const set of SETS)
      for (const split of Object.keys(SPLITS))
        for (const row of tinyRows(set, split)) hash.update(JSON.stringify(row));
    expect(hash.digest('hex').slice(0, 16)).to.equal('5ebdafca89d74d59');
  });

  it('have right answers: a second way to compute them agrees', () => {
    const random = seededRandom('check');
    for (let i = 0; i < 3000; i++) {
      const { text, answer, family } = drawQuestion(FAMILIES['tiny-arithmetic'], random);
      const [a, b] = (text.match(/\d+/g) ?? []).map(Number) as [number, number];
      const [x, y] = text.startsWith('Subtract') ? [b, a] : [a, b];
      const expected = { add: x + y, subtract: x - y, multiply: x * y }[family];
      expect(answer, text).to.equal(String(expected));
    }
    for (const set of ['tiny-choice4', 'tiny-choice10'] as const) {
      for (let i = 0; i < 1000; i++) {
        const { text, answer, family } = drawQuestion(FAMILIES[set], random);
        const options = Object.fromEntries(
          [...text.matchAll(/ ([A-J])\) (\S+)/g)].map((match) => [match[1], match[2]]),
        );
        expect(Object.keys(options))
          .to.have.length(set === 'tiny-choice4' ? 4 : 10)
          .and.to.include(answer);
        expect(new Set(Object.values(options)).size).to.equal(Object.keys(options).length);
        if (!family.startsWith('extreme')) continue;
        const numbers = Object.values(options).map(Number);
        const largest = /largest|highest/.test(text);
        expect(Number(options[answer]), text).to.equal(
          largest ? Math.max(...numbers) : Math.min(...numbers),
        );
      }
    }
  });

  it('reword most test questions: the same facts in another wording of the same task, which is in no split', () => {
    const taken = evaluationTexts();
    const facts = (text: string): readonly string[] =>
      [...text.matchAll(/"[^"]*"|\d+|[A-J]\) \S+/g)].map(([fact]) => fact).sort();
    for (const set of SETS) {
      let worded = 0;
      for (const row of tinyRows(set, 'test')) {
        const texts = tinyParaphrases(set, row);
        const { templates = [], name } =
          FAMILIES[set].find((family) => family.name === row.domain) ?? {};
        expect(texts.length, name).to.be.at.most(templates.length - 1);
        if (texts.length > 0) worded++;
        for (const text of texts) {
          expect(taken.has(text), text).to.equal(false);
          expect(facts(text), text).to.deep.equal(facts(row.prompt));
        }
      }
      expect(worded, set).to.be.at.least(0.8 * SPLITS.test);
    }
    expect(
      tinyParaphrases('tiny-instruct', {
        id: 'elsewhere-test-1',
        prompt: 'x',
        reference: [],
        domain: 'x',
      }),
    ).to.deep.equal([]);
  });

  it('share no text with the questions the language models are trained on', () => {
    const held = evaluationTexts();
    for (const set of SETS) {
      for (const part of ['main', 'verbal']) {
        let seen = 0;
        for (const { text } of trainingQuestions(set, part)) {
          expect(held.has(text), text).to.equal(false);
          if (++seen === QUICK) break;
        }
      }
    }
    let seen = 0;
    for (const { prompt } of trainingLookups('main')) {
      expect(held.has(prompt), prompt).to.equal(false);
      if (++seen === QUICK) break;
    }
  });
});

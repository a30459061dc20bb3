import { expect } from 'chai';
import { FAMILIES, type TinySet } from '../../../plugins/datasets/_tiny/sets.js';
import { evaluationTexts, trainingLookups, trainingQuestions } from '../../../plugins/datasets/_tiny/training.js';

/** Rows a set that the recipe writes. */
const ROWS = 200_000;

describe('the whole training stream of the language models', () => {
  it('holds no text of any split of any set', () => {
    const held = evaluationTexts();
    let leaks = 0;
    const walk = (texts: Iterable<string>): void => {
      let seen = 0;
      for (const text of texts) {
        if (held.has(text)) leaks++;
        if (++seen === ROWS) return;
      }
    };
    const textsOf = function* (set: TinySet): Generator<string> {
      for (const { text } of trainingQuestions(set, 'main')) yield text;
    };
    for (const set of Object.keys(FAMILIES) as TinySet[]) walk(textsOf(set));
    const prompts = function* (): Generator<string> {
      for (const { prompt } of trainingLookups('main')) yield prompt;
    };
    walk(prompts());
    expect(leaks).to.equal(0);
  });
});

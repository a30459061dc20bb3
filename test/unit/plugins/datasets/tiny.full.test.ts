import { expect } from 'chai';
import { FAMILIES, type TinySet } from '../../../../plugins/datasets/_tiny/sets.js';
import {
  evaluationTexts,
  trainingLookups,
  trainingQuestions,
} from '../../../../plugins/datasets/_tiny/training.js';

/**
 * Rows per dataset that the recipe writes: of the questions to answer, and of those for judging
 * one's own answers.
 */
const ROWS = { main: 200_000, verbal: 20_000 } as const;

describe('the whole training stream of the language models', () => {
  it('contains no text of any split of any dataset', () => {
    const held = evaluationTexts();
    let leaks = 0;
    const walk = (texts: Iterable<string>, rows: number): void => {
      let seen = 0;
      for (const text of texts) {
        if (held.has(text)) leaks++;
        if (++seen === rows) return;
      }
    };
    const getTexts = function* (set: TinySet, part: string): Generator<string> {
      for (const { text } of trainingQuestions(set, part)) yield text;
    };
    for (const set of Object.keys(FAMILIES) as TinySet[])
      for (const part of ['main', 'verbal'] as const) walk(getTexts(set, part), ROWS[part]);
    const prompts = function* (): Generator<string> {
      for (const { prompt } of trainingLookups('main')) yield prompt;
    };
    walk(prompts(), ROWS.main);
    expect(leaks).to.equal(0);
  });
});

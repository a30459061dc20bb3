import { expect } from 'chai';
import type { Generated, Router } from '../../../../core/index.js';
import { AvgLogprob } from '../../../../plugins/routers/avg-logprob.js';
import { Llm } from '../../../../plugins/routers/llm.js';
import { PTrue } from '../../../../plugins/routers/p-true.js';
import { Perplexity } from '../../../../plugins/routers/perplexity.js';
import { SelfQuestioning } from '../../../../plugins/routers/self-questioning.js';
import { parseRating, parseShare } from '../../../../plugins/routers/_text/ratings.js';
import { golden } from '../../../support/golden.js';
import { createInstance } from '../../../support/instance.js';

const computeScore = (
  plugin: new (...args: never[]) => unknown,
  signals: object,
): number | null | undefined =>
  (createInstance('router', plugin) as unknown as Router<object>).score?.({
    query: { text: 'q' },
    signals,
  });
const buildReply = (text: string): object => ({ reply: { text, tokenLogprobs: [] } });
const answering = (...tokenLogprobs: readonly number[]): { readonly answer: Generated } => ({
  answer: { text: 'a', tokenLogprobs },
});

describe('routers that ask a model about itself or about the query', () => {
  it('self-questioning reads replies as upstream does, and returns null where upstream invents a value', async () => {
    const { cases } = await golden<{
      readonly cases: readonly { readonly text: string; readonly value: number | null }[];
    }>('self-questioning-parse.json');
    expect(cases.length).to.be.greaterThan(15);
    for (const { text, value } of cases) {
      expect(parseRating(text), text).to.equal(value);
      expect(computeScore(SelfQuestioning, buildReply(text)), text).to.equal(
        value === null ? null : Math.min(1, value / 100),
      );
    }
  });

  it('llm inverts the difficulty, and returns null outside 0 to 1', () => {
    for (const [text, value] of [
      ['0.3', 0.3],
      ['1', 1],
      ['0', 0],
      ['Difficulty: .75', 0.75],
      ['\\boxed{0.2} of 1', 0.2],
      ['7', null],
      ['-0.5', null],
      ['30 %', null],
      ['hard', null],
      ['', null],
    ] as const) {
      expect(parseShare(text), text).to.equal(value);
      expect(computeScore(Llm, buildReply(text)), text).to.equal(value === null ? null : 0 - value);
    }
  });

  it('p-true is the logit of the probability of true among the two', () => {
    const logprobs = Float32Array.of(Math.log(0.6), Math.log(0.2));
    expect(computeScore(PTrue, { choiceLogprobs: logprobs })).to.be.closeTo(
      Math.log(0.75 / 0.25),
      1e-6,
    );
  });

  it('avg-logprob and perplexity order answers equally, and return null for one without tokens', () => {
    expect(computeScore(AvgLogprob, answering(-0.1, -0.5))).to.be.closeTo(-0.3, 1e-12);
    expect(computeScore(Perplexity, answering(-0.1, -0.5))).to.be.closeTo(-Math.exp(0.3), 1e-12);
    for (const plugin of [AvgLogprob, Perplexity]) {
      expect(computeScore(plugin, answering(-0.1))).to.be.greaterThan(
        computeScore(plugin, answering(-0.2)) as number,
      );
      expect(computeScore(plugin, answering())).to.equal(null);
      expect(computeScore(plugin, answering(-1e9))).to.satisfy(Number.isFinite);
    }
  });

  it('reject a template without their placeholders', () => {
    for (const plugin of [SelfQuestioning, Llm])
      expect(() => createInstance('router', plugin, { template: 'How sure are you?' })).to.throw(
        /\{query\}/,
      );
    expect(() => createInstance('router', PTrue, { template: '{query} True or false?' })).to.throw(
      /\{answer\}/,
    );
  });
});

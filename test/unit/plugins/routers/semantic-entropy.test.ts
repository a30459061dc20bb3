import { expect } from 'chai';
import type { Entailment, Generated, Router, SampleEmbeddings } from '../../../../core/index.js';
import { SemanticEntropy } from '../../../../plugins/routers/semantic-entropy.js';
import { golden } from '../../../support/golden.js';
import { createInstance } from '../../../support/instance.js';

interface Signals {
  readonly samples: readonly Generated[];
  readonly sampleEmbeddings?: SampleEmbeddings;
  readonly entailment?: Entailment;
}

const buildSamples = (...texts: readonly string[]): readonly Generated[] =>
  texts.map((text) => ({ text, tokenLogprobs: [-1] }));
const computeScore = (options: object, signals: Signals): number | null | undefined =>
  (createInstance('router', SemanticEntropy, options) as unknown as Router<Signals>).score?.({
    query: { text: 'q' },
    signals,
  });
const entropy = (...shares: readonly number[]): number =>
  shares.reduce((sum, share) => sum - share * Math.log(share), 0);
const judged = (n: number, values: readonly number[]): Entailment => ({
  n,
  values: Float32Array.from(values),
});

describe('semantic-entropy', () => {
  it('agrees with upstream’s lexical clusters to 1e-9; upstream squashes with exp', async () => {
    const { cases } = await golden<{
      readonly cases: readonly {
        readonly responses: readonly string[];
        readonly entropy: number;
        readonly score: number;
      }[];
    }>('semantic-entropy-lexical.json');
    expect(cases.length).to.be.greaterThan(30);
    for (const { responses, entropy: wanted, score } of cases) {
      const own = computeScore({}, { samples: buildSamples(...responses) }) as number;
      expect(-own).to.be.closeTo(wanted, 1e-9);
      expect(Math.exp(own)).to.be.closeTo(score, 1e-9);
    }
  });

  it('joins the most similar cluster, not the first one above the threshold, and ignores case', () => {
    expect(
      computeScore(
        {},
        { samples: buildSamples('aaaaaaaaab', 'aaaaaabbbb', 'aaaaaaabbb', 'AAAAAABBBB') },
      ),
    ).to.be.closeTo(-entropy(0.25, 0.75), 1e-12);
  });

  it('clusters by the cosine of embeddings, whatever their norm', () => {
    const sampleEmbeddings = { n: 4, dim: 2, values: Float32Array.of(1, 0, 5, 0.1, 0, 1, 0, 0) };
    expect(
      computeScore(
        { by: 'embedding' },
        { samples: buildSamples('a', 'b', 'c', 'd'), sampleEmbeddings },
      ),
    ).to.be.closeTo(-entropy(0.5, 0.25, 0.25), 1e-12);
  });

  it('requires entailment in both directions, and returns null if a required judgement is missing', () => {
    const samples = buildSamples('a', 'b', 'c');
    expect(
      computeScore(
        { by: 'entailment' },
        { samples, entailment: judged(3, [1, 1, 0, 1, 1, 1, 0, 0, 1]) },
      ),
    ).to.be.closeTo(-entropy(2 / 3, 1 / 3), 1e-12);
    expect(
      computeScore(
        { by: 'entailment' },
        { samples, entailment: judged(3, [1, 1, 0, NaN, 1, 1, 0, 0, 1]) },
      ),
    ).to.equal(null);
    expect(
      computeScore(
        { by: 'entailment' },
        { samples, entailment: judged(3, [1, 1, 0, 1, 1, NaN, NaN, 0, 1]) },
      ),
    ).to.be.closeTo(-entropy(2 / 3, 1 / 3), 1e-12);
  });

  it('weights clusters by likelihood: an unlikely one counts less than its share', () => {
    const samples: readonly Generated[] = [
      { text: 'paris', tokenLogprobs: [-0.1, -0.3] },
      { text: 'paris', tokenLogprobs: [-0.2] },
      { text: 'lyon', tokenLogprobs: [-3] },
    ];
    const [likely, odd] = [2 * Math.exp(-0.2), Math.exp(-3)];
    const total = likely + odd;
    expect(computeScore({ estimate: 'likelihood' }, { samples })).to.be.closeTo(
      -entropy(likely / total, odd / total),
      1e-12,
    );
    expect(computeScore({}, { samples })).to.be.closeTo(-entropy(2 / 3, 1 / 3), 1e-12);
    expect(
      computeScore(
        { estimate: 'likelihood' },
        { samples: [...samples, { text: '', tokenLogprobs: [] }] },
      ),
    ).to.equal(null);
  });

  it('rejects a question about entailment without placeholders', () => {
    expect(() =>
      createInstance('router', SemanticEntropy, { by: 'entailment', template: 'Do they agree?' }),
    ).to.throw(/\{first\} and \{second\}/);
  });
});

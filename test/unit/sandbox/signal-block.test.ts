import { expect } from 'chai';
import { packBlock, unpackBlock, type BlockHeader } from '../../../sandbox/signal-block.js';
import { packWeights, unpackWeights } from '../../../sandbox/tensors.js';
import { syntheticRows } from '../../../testing/synthetic.js';
import {
  answer,
  as,
  choiceLogprobs,
  embedding,
  entailment,
  hiddenStates,
  logits,
  reply,
  sampleEmbeddings,
  samples,
} from '../../../core/index.js';

const sampled = samples({ n: 3, temperature: 1, maxTokens: 8, seed: 1 });
const NEEDS = [
  logits(),
  hiddenStates(),
  embedding(),
  as('second', embedding({ model: 'other' })),
  answer(),
  sampled,
  reply({ template: '{query}', maxTokens: 4, temperature: 0 }),
  choiceLogprobs({ template: '{query}', choices: ['A', 'B'] }),
  entailment({ of: sampled, template: '{query}' }),
  sampleEmbeddings({ of: sampled }),
];

describe('a block of rows', () => {
  it('of every kind of signal is decoded unchanged, with labels only if there are any', () => {
    const rows = syntheticRows(NEEDS, 7, 3);
    for (const own of [rows, rows.map(({ query, signals }) => ({ query, signals }))]) {
      const { header, parts, bytes } = packBlock(NEEDS, own, { type: 'score' });
      const payload = Buffer.concat(parts);
      expect(payload.length).to.equal(bytes);
      const whole = new Uint8Array(bytes);
      whole.set(payload);
      expect(unpackBlock(JSON.parse(JSON.stringify(header)) as BlockHeader, whole)).to.deep.equal(
        own,
      );
    }
  });

  it('contains nothing but texts, signals and labels', () => {
    const [row] = syntheticRows([], 1, 3);
    const more = { ...row, id: 'secret-7', dataset: 'toy' } as unknown as NonNullable<typeof row>;
    expect(JSON.stringify(packBlock([], [more], { type: 'score' }).header))
      .not.to.contain('secret')
      .and.not.to.contain('toy');
  });
});

describe('encoded weights', () => {
  const weights = {
    tensors: {
      a: { shape: [2, 2], data: Float32Array.of(1, -2, 3.5, 1e-30) },
      b: { shape: [0], data: new Float32Array(0) },
    },
    meta: { epochs: 3 },
  };

  it('are decoded unchanged', () => {
    const { header, payload } = packWeights(weights);
    expect(unpackWeights(header, payload)).to.deep.equal(weights);
  });

  it('that do not match their shape, have another type, or are outside their bytes are rejected', () => {
    expect(() =>
      packWeights({ meta: {}, tensors: { a: { shape: [3], data: new Float32Array(2) } } }),
    ).to.throw('tensor "a" has 2 numbers for shape [3]');
    expect(() =>
      packWeights({ meta: {}, tensors: { a: { shape: [2], data: new Float64Array(2) as never } } }),
    ).to.throw('is not a Float32Array');
    expect(() =>
      unpackWeights({ meta: {}, tensors: [{ name: 'a', shape: [9], at: 0 }] }, new Uint8Array(8)),
    ).to.throw('outside the 8 bytes');
    const two = (name: string): unknown =>
      unpackWeights(
        {
          meta: {},
          tensors: [
            { name: 'a', shape: [1], at: 0 },
            { name, shape: [2], at: 0 },
          ],
        },
        new Uint8Array(8),
      );
    expect(() => two('b')).to.throw('tensor "b" overlaps another');
    expect(() => two('a')).to.throw('two tensors have the name "a"');
  });
});

import { expect } from 'chai';
import type { Router, RouterInput } from '../../../../core/index.js';
import { gelu, geluSlope } from '../../../../plugins/routers/_fit/activation.js';
import { Deberta } from '../../../../plugins/routers/deberta.js';
import { routerContract } from '../../../../testing/index.js';
import { golden } from '../../../support/golden.js';
import { createInstance } from '../../../support/instance.js';
import {
  clouds,
  fitOn,
  input,
  scores,
  shareRight,
  type EmbeddingRouter,
} from '../../../support/embedding-rows.js';

interface Golden {
  readonly gelu: { readonly x: readonly number[]; readonly y: readonly number[] };
  readonly dense: {
    readonly weight: readonly (readonly number[])[];
    readonly bias: readonly number[];
  };
  readonly classifier: {
    readonly weight: readonly (readonly number[])[];
    readonly bias: readonly number[];
  };
  readonly inputs: readonly (readonly number[])[];
  readonly logits: readonly number[];
}

const FAST = { learningRate: 0.02, epochs: 8 };
const head = (options: object = {}): EmbeddingRouter =>
  createInstance('router', Deberta, options) as unknown as EmbeddingRouter;
const tuned = (): Router<{ readonly classLogits: Float32Array }> =>
  createInstance('router', Deberta, { classifier: 'mine' }) as unknown as Router<{
    readonly classLogits: Float32Array;
  }>;
const classes = (
  ...logits: readonly number[]
): RouterInput<{ readonly classLogits: Float32Array }> => ({
  query: { text: 'q' },
  signals: { classLogits: Float32Array.from(logits) },
});

describe('deberta with a fitted head', () => {
  it('agrees with PyTorch on GELU and on the whole head, with two logits as their difference', async () => {
    const {
      gelu: curve,
      dense,
      classifier,
      inputs,
      logits,
    } = await golden<Golden>('deberta-head.json');
    curve.x.forEach((x, i) => expect(gelu(x)).to.be.closeTo(curve.y[i] as number, 1e-6));
    const [zero, one] = classifier.weight as readonly [readonly number[], readonly number[]];
    const router = head();
    const dim = dense.bias.length;
    await router.restore?.({
      tensors: {
        'layer0.weight': { shape: [dim, dim], data: Float32Array.from(dense.weight.flat()) },
        'layer0.bias': { shape: [dim], data: Float32Array.from(dense.bias) },
        'layer1.weight': {
          shape: [1, dim],
          data: Float32Array.from(one, (w, i) => w - (zero[i] as number)),
        },
        'layer1.bias': {
          shape: [1],
          data: Float32Array.of((classifier.bias[1] as number) - (classifier.bias[0] as number)),
        },
      },
      meta: {},
    });
    const got = await scores(router, inputs.map(input));
    expect(got).to.have.length(6);
    got.forEach((score, i) => expect(score).to.be.closeTo(logits[i] as number, 1e-5));
  });

  it('has the derivative of GELU', () => {
    for (const x of [-4, -1.3, -0.2, 0, 0.7, 3])
      expect(geluSlope(x)).to.be.closeTo((gelu(x + 1e-3) - gelu(x - 1e-3)) / 2e-3, 2e-4);
  });

  it('is as wide as the embedding, and learns two clusters, and the reverse when labels are flipped', async () => {
    const { tensors } = await fitOn(head(FAST), clouds(60, 1));
    expect(Object.entries(tensors).map(([name, { shape }]) => [name, shape])).to.deep.equal([
      ['layer0.weight', [5, 5]],
      ['layer0.bias', [5]],
      ['layer1.weight', [1, 5]],
      ['layer1.bias', [1]],
    ]);
    for (const flip of [false, true])
      expect(await shareRight(head({ ...FAST, standardize: true }), flip)).to.be.greaterThan(0.9);
  });

  it('starts and drops units by the seed: the same seed gives the same weights, another seed others', async () => {
    const [first, again, other] = [
      await fitOn(head(FAST), clouds(60, 1)),
      await fitOn(head(FAST), clouds(60, 1)),
      await fitOn(head(FAST), clouds(60, 1), { seed: 2 }),
    ];
    expect(again).to.deep.equal(first);
    expect(other.tensors).not.to.deep.equal(first.tensors);
  });

  it('ends with the same weights with TensorFlow.js, up to rounding', async () => {
    const [kernel, tensorflow] = [
      await fitOn(head({ ...FAST, epochs: 2, trainer: 'kernel' }), clouds(60, 1)),
      await fitOn(head({ ...FAST, epochs: 2, trainer: 'tensorflow' }), clouds(60, 1)),
    ];
    for (const [name, { data }] of Object.entries(kernel.tensors))
      data.forEach((value, i) =>
        expect(tensorflow.tensors[name]?.data[i], name).to.be.closeTo(value, 1e-3),
      );
  });

  it('rejects embeddings of another width', async () => {
    const router = head(FAST);
    await router.restore?.(await fitOn(router, clouds(60, 1)));
    expect(() => router.score?.(input([1, 2])))
      .to.throw()
      .with.property('code', 'RXB6006');
  });
});

routerContract(Deberta, { options: { classifier: 'mine' } });

describe('deberta with a fine-tuned classifier', () => {
  it('scores the logit of class 1 against class 0, and a single logit unchanged', () => {
    const router = tuned();
    expect(router.score?.(classes(0.5, 2))).to.equal(1.5);
    expect(router.score?.(classes(-0.75))).to.equal(-0.75);
  });

  it('is not fitted: its weights are those of the classifier', () => {
    expect([tuned().fit, tuned().restore]).to.deep.equal([undefined, undefined]);
  });

  it('rejects a classifier of three classes', () => {
    expect(() => tuned().score?.(classes(1, 2, 3)))
      .to.throw()
      .with.property('code', 'RXB6309');
  });

  it('rejects options of a head together with a classifier, and names them', () => {
    expect(() => head({ classifier: 'mine', dropout: 0.2 })).to.throw(
      /^RXB2105 .* dropout: it belongs to a fitted head/,
    );
    expect(() => head({ classifier: 'mine' })).to.not.throw();
  });
});

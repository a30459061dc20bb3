import { expect } from 'chai';
import { EmbeddingMlp } from '../../../../plugins/routers/embedding-mlp.js';
import { golden, sigmoid } from '../../../support/golden.js';
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
  readonly inputs: readonly (readonly number[])[];
  readonly weights: Readonly<Record<string, readonly (readonly number[])[] & readonly number[]>>;
  readonly scores: readonly number[];
}

const FAST = { hidden: [16, 8], learningRate: 0.02, epochs: 6 };
const mlp = (options: object = {}): EmbeddingRouter =>
  createInstance('router', EmbeddingMlp, options) as unknown as EmbeddingRouter;

describe('embedding-mlp', () => {
  it('agrees with upstream forward passes to 1e-5 after the sigmoid', async () => {
    const { inputs, weights, scores: wanted } = await golden<Golden>('embedding-mlp.json');
    const tensors = Object.fromEntries(
      [0, 3, 6].flatMap((layer, i) => {
        const [weight, bias] = [
          weights[`net.${layer}.weight`] ?? [],
          weights[`net.${layer}.bias`] ?? [],
        ];
        return [
          [
            `layer${i}.weight`,
            {
              shape: [weight.length, weight[0]?.length ?? 0],
              data: Float32Array.from(weight.flat()),
            },
          ],
          [`layer${i}.bias`, { shape: [bias.length], data: Float32Array.from(bias) }],
        ] as const;
      }),
    );
    const router = mlp();
    await router.restore?.({ tensors, meta: {} });
    const got = await scores(router, inputs.map(input));
    expect(got).to.have.length(7);
    got.forEach((score, i) =>
      expect(sigmoid(score as number)).to.be.closeTo(wanted[i] as number, 1e-5),
    );
  });

  it('has upstream’s layers, and runs all of its epochs with one learning rate', async () => {
    const { tensors, meta } = await fitOn(mlp({ epochs: 16, learningRate: 0.03 }), clouds(40, 1));
    expect(
      Object.entries(tensors).map(([name, { shape }]) => [name, shape]),
    ).to.deep.include.members([
      ['layer0.weight', [256, 5]],
      ['layer1.weight', [64, 256]],
      ['layer2.weight', [1, 64]],
    ]);
    expect(meta['epochs']).to.equal(16);
  });

  it('scores z-scored inputs, as in training', async () => {
    const rows = clouds(200, 1);
    const moved = rows.map((row) => ({
      ...row,
      signals: { embedding: row.signals.embedding.map((x) => 8 * x - 16) },
    }));
    const [router, other] = [mlp(FAST), mlp(FAST)];
    await router.restore?.(await fitOn(router, rows));
    await other.restore?.(await fitOn(other, moved));
    const [before, after] = [await scores(router, rows), await scores(other, moved)];
    before.forEach((score, i) => expect(after[i]).to.be.closeTo(score as number, 0.05));
  });

  it('learns two clusters, and the reverse when labels are flipped', async () => {
    for (const flip of [false, true])
      expect(await shareRight(mlp(FAST), flip)).to.be.greaterThan(0.93);
  });

  it('gives the same weights for the same seed and others for another', async () => {
    const [first, again, other] = [
      await fitOn(mlp(FAST), clouds(90, 1)),
      await fitOn(mlp(FAST), clouds(90, 1)),
      await fitOn(mlp(FAST), clouds(90, 1), { seed: 2 }),
    ];
    expect(again).to.deep.equal(first);
    expect(other.tensors).not.to.deep.equal(first.tensors);
  });

  it('rejects weights for another width', async () => {
    const router = mlp(FAST);
    await router.restore?.(await fitOn(router, clouds(60, 1)));
    expect(() => router.score?.(input([1, 2])))
      .to.throw()
      .with.property('code', 'RXB6006');
  });
});

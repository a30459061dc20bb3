import { expect } from 'chai';
import { loadEngine } from '../../../../plugins/routers/_fit/engine.js';
import type { FitContext, Router, Weights } from '../../../../core/index.js';
import { ProbeMean } from '../../../../plugins/routers/probe-mean.js';
import { golden, sigmoid } from '../../../support/golden.js';
import { rejection } from '../../../support/temporary.js';
import { createInstance } from '../../../support/instance.js';
import { accuracy, fit, input, type Signals } from '../../../support/hidden-rows.js';

interface Golden {
  readonly hidden: readonly (readonly (readonly number[])[])[];
  readonly cases: readonly {
    readonly probeType: string;
    readonly weights: Readonly<Record<string, readonly (readonly number[])[] | readonly number[]>>;
    readonly scores: readonly number[];
  }[];
}

const probe = (options: object = {}): Router<Signals> =>
  createInstance('router', ProbeMean, options) as unknown as Router<Signals>;

const FAST = { learningRate: 0.05, epochs: 8 };

const tensor = (value: readonly (readonly number[])[] | readonly number[]) => {
  const nested = value as readonly (readonly number[])[];
  return Array.isArray(nested[0])
    ? { shape: [nested.length, nested[0].length], data: Float32Array.from(nested.flat()) }
    : { shape: [value.length], data: Float32Array.from(value as readonly number[]) };
};

describe('probe-mean', () => {
  it('agrees with upstream forward passes to 1e-5 after the sigmoid, linear and MLP', async () => {
    const { hidden, cases } = await golden<Golden>('probes.json');
    const mean = cases.filter(({ probeType }) => probeType === 'mean');
    expect(mean).to.have.length(2);
    for (const { weights, scores } of mean) {
      const names = Object.keys(weights).filter((name) => name.endsWith('weight'));
      const tensors = Object.fromEntries(
        names.flatMap((name, i) => [
          [`layer${i}.weight`, tensor(weights[name] ?? [])],
          [`layer${i}.bias`, tensor(weights[name.replace('weight', 'bias')] ?? [])],
        ]),
      );
      const router = probe();
      await router.restore?.({ tensors, meta: {} });
      hidden.forEach((states, i) => {
        expect(
          sigmoid(
            router.score?.(input(states.length, states[0]?.length ?? 0, states.flat())) as number,
          ),
        ).to.be.closeTo(scores[i] as number, 1e-5);
      });
    }
  });

  for (const options of [FAST, { ...FAST, hidden: [8] }, { ...FAST, standardize: true }]) {
    it(`learns two clusters with ${JSON.stringify(options)}, and the reverse when labels are flipped`, async () => {
      for (const flip of [false, true]) {
        const router = probe(options);
        await router.restore?.(await fit(router, { flip }));
        expect(accuracy(router, { flip })).to.be.greaterThan(0.9);
      }
    });
  }

  for (const options of [FAST, { ...FAST, hidden: [8, 5], dropout: 0.2, standardize: true }]) {
    it(`is fitted equally by TensorFlow.js and by the kernel with ${JSON.stringify(options)}, and names the one used`, async () => {
      const [kernel, tensorflow] = [
        await fit(probe({ ...options, trainer: 'kernel' })),
        await fit(probe({ ...options, trainer: 'tensorflow' })),
      ];
      const { name } = await loadEngine();
      expect([kernel.meta['trainer'], tensorflow.meta['trainer']]).to.deep.equal([
        'kernel',
        `tensorflow ${name}`,
      ]);
      for (const [tensor, { data }] of Object.entries(kernel.tensors))
        data.forEach((value, i) =>
          expect(tensorflow.tensors[tensor]?.data[i], tensor).to.be.closeTo(value, 1e-3),
        );
      const losses = (weights: Weights): readonly number[] =>
        weights.meta['validationLosses'] as readonly number[];
      losses(kernel).forEach((loss, i) => expect(losses(tensorflow)[i]).to.be.closeTo(loss, 1e-4));
    });
  }

  it('gives the same weights for the same seed and others for another', async () => {
    const [first, again, other] = [
      await fit(probe(FAST)),
      await fit(probe(FAST)),
      await fit(probe(FAST), {}, { seed: 2 }),
    ];
    expect(again).to.deep.equal(first);
    expect(other.tensors).not.to.deep.equal(first.tensors);
    expect(first.meta['validationLosses']).to.have.length(8);
  });

  it('reports every epoch and stops when told to', async () => {
    const stop = new AbortController();
    const epochs: number[] = [];
    const progress: FitContext['progress'] = ({ epoch }) => {
      epochs.push(epoch);
      if (epoch === 2) stop.abort(new Error('enough'));
    };
    expect(
      (await rejection(fit(probe(FAST), {}, { progress, signal: stop.signal }))).message,
    ).to.equal('enough');
    expect(epochs).to.deep.equal([1, 2]);
  });

  it('rejects weights for another width', async () => {
    const router = probe(FAST);
    await router.restore?.(await fit(router));
    expect(() => router.score?.(input(3, 5, new Float32Array(15))))
      .to.throw()
      .with.property('code', 'RXB6006');
  });
});

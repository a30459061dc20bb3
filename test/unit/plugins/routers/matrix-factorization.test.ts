import { expect } from 'chai';
import {
  BILINEAR,
  lossAndGradient,
  newBilinear,
  type Bilinear,
} from '../../../../plugins/routers/_embedding/bilinear.js';
import { MatrixFactorization } from '../../../../plugins/routers/matrix-factorization.js';
import { seededRandom } from '../../../../core/index.js';
import { rejection } from '../../../support/temporary.js';
import { createInstance } from '../../../support/instance.js';
import { fitInPieces } from '../../../support/checkpoint.js';
import {
  clouds,
  fitOn,
  input,
  scores,
  shareRight,
  type EmbeddingRouter,
} from '../../../support/embedding-rows.js';

const FAST = { rank: 8, learningRate: 0.02, epochs: 15 };
const factorization = (options: object = {}): EmbeddingRouter =>
  createInstance('router', MatrixFactorization, options) as unknown as EmbeddingRouter;

/** δ(m, x) of the paper, term by term. */
const delta = (
  { project, bias, out }: Bilinear,
  model: Float64Array,
  x: ArrayLike<number>,
): number =>
  out.reduce(
    (sum, w, k) =>
      sum +
      w *
        (model[k] ?? NaN) *
        ((bias[k] ?? NaN) +
          Array.from(x, (value, i) => value * (project[k * x.length + i] ?? NaN)).reduce(
            (a, b) => a + b,
            0,
          )),
    0,
  );

describe('matrix-factorization', () => {
  it('scores the difference of the paper’s two bilinear scores', async () => {
    const router = factorization(FAST);
    const { tensors, meta } = await fitOn(router, clouds(90, 1));
    await router.restore?.({ tensors, meta });
    const parameters = Object.fromEntries(
      BILINEAR.map((name) => [name, Float64Array.from(tensors[name]?.data ?? [])]),
    ) as unknown as Bilinear;
    for (const row of clouds(20, 2)) {
      const z = row.signals.embedding.map(
        (x, i) =>
          (x - (tensors['standard.mean']?.data[i] ?? NaN)) /
          (tensors['standard.spread']?.data[i] ?? NaN),
      );
      expect(router.score?.(row)).to.be.closeTo(
        delta(parameters, parameters.weak, z) - delta(parameters, parameters.strong, z),
        1e-9,
      );
    }
  });

  it('matches finite differences in every parameter', () => {
    const random = seededRandom(3);
    const [rows, dim, rank] = [9, 4, 3];
    const parameters = newBilinear(rank, dim, random);
    const values = Float32Array.from({ length: rows * dim }, () => random.normal());
    const labels = Float32Array.from({ length: rows }, () => random.int(0, 1));
    const chosen = [0, 2, 3, 5, 8];
    const { gradient } = lossAndGradient(parameters, values, labels, chosen, dim);
    const h = 1e-5;
    for (const name of BILINEAR) {
      gradient[name].forEach((own, i) => {
        const lossAt = (step: number): number => {
          const moved = parameters[name].map((value, j) => (j === i ? value + step : value));
          return lossAndGradient({ ...parameters, [name]: moved }, values, labels, chosen, dim)
            .loss;
        };
        expect(own, `${name}[${i}]`).to.be.closeTo((lossAt(h) - lossAt(-h)) / (2 * h), 1e-7);
      });
    }
  });

  it('learns two clusters, and the reverse when labels are flipped', async () => {
    for (const flip of [false, true])
      expect(await shareRight(factorization(FAST), flip)).to.be.greaterThan(0.95);
  });

  it('gives the same weights for the same seed and others for another, and records its losses', async () => {
    const [first, again, other] = [
      await fitOn(factorization(FAST), clouds(90, 1)),
      await fitOn(factorization(FAST), clouds(90, 1)),
      await fitOn(factorization(FAST), clouds(90, 1), { seed: 2 }),
    ];
    expect(again).to.deep.equal(first);
    expect(other.tensors).not.to.deep.equal(first.tensors);
    const losses = first.meta['validationLosses'] as readonly number[];
    expect(losses).to.have.length(15);
    expect(losses.at(-1)).to.be.lessThan(losses[0] ?? NaN);
  });

  it('ends with the same weights when stopped after every epoch and resumed', async () => {
    const whole = await fitOn(factorization(FAST), clouds(90, 1));
    expect(
      await fitInPieces((over) => fitOn(factorization(FAST), clouds(90, 1), over)),
    ).to.deep.equal(whole);
  });

  it('reports every epoch and stops when told to', async () => {
    const stop = new AbortController();
    const epochs: number[] = [];
    const fitting = fitOn(factorization(FAST), clouds(90, 1), {
      signal: stop.signal,
      progress: ({ epoch }) => {
        epochs.push(epoch);
        if (epoch === 2) stop.abort(new Error('enough'));
      },
    });
    expect((await rejection(fitting)).message).to.equal('enough');
    expect(epochs).to.deep.equal([1, 2]);
  });

  it('rejects another width, and inconsistent weights', async () => {
    const router = factorization(FAST);
    const weights = await fitOn(router, clouds(60, 1));
    await router.restore?.(weights);
    expect(() => router.score?.(input([1, 2])))
      .to.throw()
      .with.property('code', 'RXB6006');
    const weak = { shape: [5], data: new Float32Array(5) };
    expect(() =>
      factorization(FAST).restore?.({ ...weights, tensors: { ...weights.tensors, weak } }),
    )
      .to.throw()
      .with.property('code', 'RXB6006');
    expect(await scores(router, [])).to.deep.equal([]);
  });
});

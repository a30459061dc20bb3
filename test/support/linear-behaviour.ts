/** Tests shared by the two linear routers. */
import { expect } from 'chai';
import { seededRandom } from '../../core/index.js';
import { rejection } from './temporary.js';
import { golden } from './golden.js';
import {
  clouds,
  fitOn,
  input,
  labelled,
  scores,
  shareRight,
  type EmbeddingRouter,
} from './embedding-rows.js';

/** Classifiers of scikit-learn on one small set. */
export interface Classifiers {
  readonly train: readonly (readonly number[])[];
  readonly labels: readonly number[];
  readonly test: readonly (readonly number[])[];
  readonly logistic: Readonly<Record<string, readonly number[]>>;
  readonly svm: Readonly<Record<string, readonly number[]>>;
  readonly knn: Readonly<Record<string, readonly number[]>>;
}

/** Registers the tests of a linear router. */
// eslint-disable-next-line form/max-lines-per-function -- it only registers tests
export function linearTests(
  name: 'logistic' | 'svm',
  make: (options?: object) => EmbeddingRouter,
): void {
  it('agrees with scikit-learn to 1e-5 at three strengths of the penalty', async () => {
    const {
      train,
      labels,
      test,
      [name]: wanted,
    } = await golden<Classifiers>('embedding-classifiers.json');
    for (const [c, values] of Object.entries(wanted)) {
      const router = make({ c: Number(c) });
      await router.restore?.(await fitOn(router, labelled(train, labels)));
      const got = await scores(router, test.map(input));
      got.forEach((score, i) =>
        expect(score, `c ${c}, row ${i}`).to.be.closeTo(values[i] as number, 1e-5),
      );
    }
  });

  it('learns two clusters, and the reverse when labels are flipped', async () => {
    for (const flip of [false, true])
      expect(await shareRight(make(), flip)).to.be.greaterThan(0.95);
  });

  it('gives the same weights for every seed, because the fit is convex and uses no randomness', async () => {
    expect(await fitOn(make(), clouds(100, 1), { seed: 2 })).to.deep.equal(
      await fitOn(make(), clouds(100, 1), { seed: 1 }),
    );
  });

  it('does not depend on the scale and the offset of a feature', async () => {
    const rows = clouds(120, 4);
    const moved = rows.map((row) => ({
      ...row,
      signals: { embedding: row.signals.embedding.map((x, i) => (i === 1 ? 100 * x - 7 : x)) },
    }));
    const [router, other] = [make(), make()];
    await router.restore?.(await fitOn(router, rows));
    await other.restore?.(await fitOn(other, moved));
    const [before, after] = [await scores(router, rows), await scores(other, moved)];
    before.forEach((score, i) => expect(after[i]).to.be.closeTo(score as number, 1e-3));
  });

  it('stops when told to, and reports its progress', async () => {
    const stop = new AbortController();
    const steps: number[] = [];
    const fitting = fitOn(make(), clouds(100, 1), {
      signal: stop.signal,
      progress: ({ epoch }) => {
        steps.push(epoch);
        if (epoch === 2) stop.abort(new Error('enough'));
      },
    });
    expect((await rejection(fitting)).message).to.equal('enough');
    expect(steps).to.deep.equal([1, 2]);
  });

  it('rejects labels that are all the same, weights of another width, and weights without a tensor', async () => {
    const one = clouds(60, 1).map((row) => ({ ...row, label: 1 as const }));
    expect(await rejection(fitOn(make(), one))).to.have.property('code', 'RXB6005');
    const router = make();
    const weights = await fitOn(router, clouds(60, 1));
    await router.restore?.(weights);
    expect(() => router.score?.(input([1, 2])))
      .to.throw()
      .with.property('code', 'RXB6006');
    const { bias: _bias, ...rest } = weights.tensors;
    expect(() => make().restore?.({ ...weights, tensors: rest }))
      .to.throw()
      .with.property('code', 'RXB6006');
  });

  it('converges with more dimensions than rows, where a plane separates the labels perfectly', async () => {
    const random = seededRandom(9);
    const rows = labelled(
      Array.from({ length: 30 }, () => Float32Array.from({ length: 50 }, () => random.normal())),
      Array.from({ length: 30 }, () => random.int(0, 1)),
    );
    const router = make({ c: 100 });
    await router.restore?.(await fitOn(router, rows));
    (await scores(router, rows)).forEach((score, i) =>
      expect((score as number) > 0).to.equal(rows[i]?.label === 1),
    );
  });

  it('rejects embeddings of different widths', async () => {
    expect(
      await rejection(fitOn(make(), labelled([[1, 2], [3, 4], [5]], [0, 1, 0]))),
    ).to.have.property('code', 'RXB6005');
  });

  it('reports a fit that has not converged', async () => {
    expect(await rejection(fitOn(make({ maxSteps: 1 }), clouds(60, 1)))).to.have.property(
      'code',
      'RXB6005',
    );
  });
}

import { expect } from 'chai';
import { cosines, largest, unit } from '../../../../plugins/routers/_embedding/neighbours.js';
import { Knn } from '../../../../plugins/routers/knn.js';
import { seededRandom } from '../../../../core/index.js';
import { golden } from '../../../support/golden.js';
import { rejection } from '../../../support/temporary.js';
import { createInstance } from '../../../support/instance.js';
import {
  clouds,
  fitOn,
  input,
  labelled,
  scores,
  shareRight,
  type EmbeddingRouter,
} from '../../../support/embedding-rows.js';
import type { Classifiers } from '../../../support/linear-behaviour.js';

const knn = (options: object = {}): EmbeddingRouter =>
  createInstance('router', Knn, options) as unknown as EmbeddingRouter;

describe('knn', () => {
  it('agrees with scikit-learn’s distance-weighted cosine neighbours to 1e-5', async () => {
    const {
      train,
      labels,
      test,
      knn: wanted,
    } = await golden<Classifiers>('embedding-classifiers.json');
    for (const [k, values] of Object.entries(wanted)) {
      const router = knn({ k: Number(k) });
      await router.restore?.(await fitOn(router, labelled(train, labels)));
      const got = await scores(router, test.map(input));
      got.forEach((score, i) =>
        expect(score, `k ${k}, row ${i}`).to.be.closeTo(values[i] as number, 1e-5),
      );
    }
  });

  it('learns two clusters, and the reverse when labels are flipped', async () => {
    // The large constant dimension hides the direction from the cosine, so fewer are right than
    // with z-scored features.
    for (const flip of [false, true])
      expect(await shareRight(knn({ k: 5 }), flip, 0.5)).to.be.greaterThan(0.8);
  });

  it('returns the label of a query it was fitted on', async () => {
    const rows = clouds(80, 6);
    const router = knn({ k: 10 });
    await router.restore?.(await fitOn(router, rows));
    (await scores(router, rows)).forEach((score, i) =>
      expect(score).to.be.closeTo(rows[i]?.label ?? NaN, 0.2),
    );
  });

  it('returns null for a zero vector, and leaves zero vectors out of the fit', async () => {
    const router = knn({ k: 2 });
    const weights = await fitOn(
      router,
      labelled(
        [
          [1, 0],
          [0, 0],
          [0, 1],
        ],
        [1, 1, 0],
      ),
    );
    expect(weights.meta['zeroVectors']).to.equal(1);
    await router.restore?.(weights);
    expect(await scores(router, [input([0, 0]), input([1, 1])])).to.deep.equal([null, 0.5]);
  });

  it('rejects fewer rows than neighbours, in fitting and in restoring, and another width', async () => {
    expect(await rejection(fitOn(knn({ k: 41 }), clouds(40, 1)))).to.have.property(
      'code',
      'RXB6005',
    );
    const weights = await fitOn(knn({ k: 3 }), clouds(40, 1));
    expect(() => knn({ k: 41 }).restore?.(weights))
      .to.throw()
      .with.property('code', 'RXB6006');
    const router = knn({ k: 3 });
    await router.restore?.(weights);
    expect(await rejection(scores(router, [input([1, 2])]))).to.have.property('code', 'RXB6006');
  });

  it('finds the same as a plain loop, over several tiles and for any number of rows', () => {
    const random = seededRandom(8);
    for (const rows of [1, 6, 1999]) {
      const dim = 65;
      const values = Float32Array.from({ length: rows * dim }, () => random.normal());
      const query =
        unit(Float32Array.from({ length: dim }, () => random.normal())) ?? new Float64Array(dim);
      const plain = Array.from({ length: rows }, (_, row) =>
        values
          .subarray(row * dim, (row + 1) * dim)
          .reduce((sum, x, i) => sum + x * (query[i] ?? NaN), 0),
      );
      const [first, second] = cosines([query, query.map((x) => -x)], { rows, dim, values });
      expect(Array.from(first ?? [])).to.deep.equal(plain);
      expect(Array.from(second ?? [])).to.deep.equal(plain.map((x) => -x));
      const order = plain.map((_, i) => i).sort((a, b) => (plain[b] ?? 0) - (plain[a] ?? 0));
      expect(largest(first ?? new Float64Array(), 7)).to.deep.equal(order.slice(0, 7));
    }
    expect(largest(Float64Array.of(1, 3, 3, 2, 3), 2)).to.deep.equal([1, 2]);
  });
});

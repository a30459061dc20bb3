import { expect } from 'chai';
import {
  linearObjective,
  type LinearLoss,
} from '../../../../plugins/routers/_embedding/linear-objective.js';
import { Logistic } from '../../../../plugins/routers/logistic.js';
import { seededRandom } from '../../../../core/index.js';
import { createInstance } from '../../../support/instance.js';
import { type EmbeddingRouter } from '../../../support/embedding-rows.js';
import { linearTests } from '../../../support/linear-behaviour.js';

describe('logistic', () => {
  linearTests(
    'logistic',
    (options = {}) => createInstance('router', Logistic, options) as unknown as EmbeddingRouter,
  );

  for (const loss of ['logistic', 'squared-hinge'] as const satisfies readonly LinearLoss[]) {
    it(`matches finite differences of gradient and Hessian with the ${loss} loss`, () => {
      const random = seededRandom(5);
      const [rows, dim] = [30, 4];
      const values = Float32Array.from({ length: rows * dim }, () => random.normal());
      const labels = Float32Array.from({ length: rows }, () => random.int(0, 1));
      for (const penaliseBias of [false, true]) {
        const at = linearObjective({ rows, dim, values, labels }, loss, 0.7, penaliseBias);
        const point = Float64Array.from({ length: dim + 1 }, () => random.normal() * 0.3);
        const direction = point.map(() => random.normal());
        const moved = (step: number): Float64Array =>
          point.map((x, i) => x + step * (direction[i] as number));
        const dot = (a: Float64Array, b: Float64Array): number =>
          a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
        const h = 1e-5;
        const { gradient, hessianTimes } = at(point);
        expect(dot(gradient, direction)).to.be.closeTo(
          (at(moved(h)).value - at(moved(-h)).value) / (2 * h),
          1e-5,
        );
        const product = hessianTimes(direction);
        const [more, less] = [at(moved(h)).gradient, at(moved(-h)).gradient];
        product.forEach((value, i) =>
          expect(value).to.be.closeTo(((more[i] as number) - (less[i] as number)) / (2 * h), 1e-4),
        );
      }
    });
  }
});

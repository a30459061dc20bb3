import { expect } from 'chai';
import { seededRandom, type HiddenStates } from '../../../../../core/index.js';
import {
  complexFeatures,
  lengthsAndCosines,
  magnitudesAndAngles,
  realFeatures,
} from '../../../../../plugins/routers/_fit/chain.js';
import { golden } from '../../../../support/golden.js';

/** Three states in the plane: from (1, 0) to (1, 1) to (0, 1). */
const BEND: HiddenStates = { layers: 3, dim: 2, values: Float32Array.from([1, 0, 1, 1, 0, 1]) };

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((a, b) => a + b, 0) / values.length;

describe('features of the sequence of layers', () => {
  it('equal those of the paper for a sequence computed by hand', () => {
    // both steps have length 1, the whole √2; both turns are 45°, the whole 90°
    const [m, a] = [1 / Math.SQRT2, 0.5];
    const close = (own: Float32Array, wanted: readonly number[]): void =>
      wanted.forEach((value, i) => expect(own[i]).to.be.closeTo(value, 1e-6));
    close(magnitudesAndAngles(BEND), [m, m, a, a]);
    close(realFeatures(BEND), [m - a, m - a]);
    close(complexFeatures(BEND), [
      m * Math.cos(a),
      m * Math.cos(a),
      m * Math.sin(a),
      m * Math.sin(a),
    ]);
    close(lengthsAndCosines(BEND), [1 + Math.SQRT2, Math.SQRT2 + 1, Math.SQRT1_2, Math.SQRT1_2]);
  });

  it('have CoE-R and CoE-C of the paper as their means', () => {
    const random = seededRandom(1);
    const states: HiddenStates = {
      layers: 6,
      dim: 9,
      values: Float32Array.from({ length: 54 }, () => random.normal()),
    };
    const pairs = magnitudesAndAngles(states);
    const [magnitudes, angles] = [pairs.subarray(0, 5), pairs.subarray(5)];
    expect(mean(realFeatures(states))).to.be.closeTo(mean(magnitudes) - mean(angles), 1e-6);
    const points = complexFeatures(states);
    const wanted = Math.hypot(
      mean(magnitudes.map((m, l) => m * Math.cos(angles[l] as number))),
      mean(magnitudes.map((m, l) => m * Math.sin(angles[l] as number))),
    );
    expect(Math.hypot(mean(points.subarray(0, 5)), mean(points.subarray(5)))).to.be.closeTo(
      wanted,
      1e-6,
    );
  });

  it('are finite if states are zero or all equal', () => {
    for (const value of [0, 1, 1e30]) {
      const states: HiddenStates = { layers: 3, dim: 4, values: new Float32Array(12).fill(value) };
      for (const features of [
        lengthsAndCosines,
        magnitudesAndAngles,
        realFeatures,
        complexFeatures,
      ])
        expect(features(states).every(Number.isFinite)).to.equal(true);
    }
  });

  it("have upstream's CoE score as their mean", async () => {
    const { cases } = await golden<{
      readonly cases: readonly {
        readonly layers: number;
        readonly dim: number;
        readonly hidden: readonly (readonly number[])[];
        readonly coe: number;
      }[];
    }>('coe.json');
    for (const { layers, dim, hidden, coe } of cases) {
      expect(
        1 /
          (1 +
            Math.exp(
              -mean(lengthsAndCosines({ layers, dim, values: Float32Array.from(hidden.flat()) })),
            )),
      ).to.be.closeTo(coe, 1e-6);
    }
  });
});

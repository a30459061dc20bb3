import { expect } from 'chai';
import type { HiddenStates, Router } from '../../../../core/index.js';
import { CoeC } from '../../../../plugins/routers/coe-c.js';
import { CoeR } from '../../../../plugins/routers/coe-r.js';
import { createInstance } from '../../../support/instance.js';

const scoreWith =
  (plugin: typeof CoeC | typeof CoeR) =>
  (...states: readonly (readonly number[])[]): number | null | undefined =>
    (createInstance('router', plugin) as unknown as Router<{ hiddenStates: HiddenStates }>).score?.(
      {
        query: { text: 'q' },
        signals: {
          hiddenStates: {
            layers: states.length,
            dim: 2,
            values: Float32Array.from(states.flat()),
          },
        },
      },
    );

describe('Chain-of-Embedding without a fit', () => {
  const [real, complex] = [scoreWith(CoeR), scoreWith(CoeC)];

  it('has the values of chains that are worked out by hand', () => {
    // a quarter turn in two equal steps of 45°: each step is 2 sin(22.5°) of √2, each angle half
    const corner = Math.SQRT1_2;
    const chain = [
      [1, 0],
      [corner, corner],
      [0, 1],
    ] as const;
    const step = (2 * Math.sin(Math.PI / 8)) / Math.SQRT2;
    expect(real(...chain)).to.be.closeTo(step - 0.5, 1e-6);
    expect(complex(...chain)).to.be.closeTo(step, 1e-6);
    // straight away: nothing turns, so the angle between first and last is 0 and counts as none
    expect(real([1, 0], [2, 0], [4, 0])).to.be.closeTo((1 / 3 + 2 / 3) / 2, 1e-6);
    expect(complex([1, 0], [2, 0], [4, 0])).to.be.closeTo(0.5, 1e-6);
  });

  it('has no opinion on one layer, and 0 for states that are all equal', () => {
    for (const score of [real, complex]) {
      expect(score([1, 2])).to.equal(null);
      expect(score([1, 0], [1, 0])).to.equal(0);
    }
  });
});

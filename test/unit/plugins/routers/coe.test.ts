import { expect } from 'chai';
import type { HiddenStates, Router } from '../../../../core/index.js';
import { Coe } from '../../../../plugins/routers/coe.js';
import { golden, sigmoid } from '../../../support/golden.js';
import { createInstance } from '../../../support/instance.js';

interface Golden {
  readonly cases: readonly {
    readonly layers: number;
    readonly dim: number;
    readonly hidden: readonly (readonly number[])[];
    readonly coe: number;
  }[];
}

describe('coe', () => {
  const router = (): Router<{ hiddenStates: HiddenStates }> =>
    createInstance('router', Coe) as unknown as Router<{ hiddenStates: HiddenStates }>;
  const score = (
    layers: number,
    dim: number,
    values: readonly number[],
  ): number | null | undefined =>
    router().score?.({
      query: { text: 'q' },
      signals: { hiddenStates: { layers, dim, values: Float32Array.from(values) } },
    });

  it('agrees with upstream to 1e-5 after its sigmoid', async () => {
    const { cases } = await golden<Golden>('coe.json');
    expect(cases.length).to.be.greaterThan(5);
    for (const { layers, dim, hidden, coe } of cases)
      expect(sigmoid(score(layers, dim, hidden.flat()) as number)).to.be.closeTo(coe, 1e-5);
  });

  it('counts the angle to a zero layer as 0, and returns null for one layer', () => {
    expect(score(2, 2, [3, 4, 0, 0])).to.equal(2.5);
    expect(score(1, 2, [3, 4])).to.equal(null);
  });
});

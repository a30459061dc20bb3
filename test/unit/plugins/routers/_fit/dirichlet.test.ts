import { expect } from 'chai';
import { seededRandom } from '../../../../../core/index.js';
import {
  digamma,
  dirichletCoefficient,
  dirichletGradient,
  logGamma,
  sampleDirichlet,
} from '../../../../../plugins/routers/_fit/dirichlet.js';
import { golden } from '../../../../support/golden.js';
import { betaCdf, betaDensity } from '../../../../support/beta.js';

interface Golden {
  readonly cases: readonly {
    readonly alpha: readonly number[];
    readonly sample: readonly number[];
    readonly coefficient: readonly number[];
    readonly gradSample: readonly number[];
    readonly gradAlpha: readonly number[];
  }[];
}

const relative = (own: number, other: number): number => Math.abs(own - other) / Math.abs(other);
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** −(∂F/∂a) / (p (1 − x)) by central differences of the continued fraction. */
function differenced(x: number, a: number, b: number): number {
  const step = 1e-4 * Math.min(1, a);
  const slope = (at: number): number => (betaCdf(x, a + at, b) - betaCdf(x, a - at, b)) / (2 * at);
  return -((4 * slope(step) - slope(2 * step)) / 3) / (betaDensity(x, a, b) * (1 - x));
}

describe('the Dirichlet gradient', () => {
  it('agrees with PyTorch to 1e-4, except where PyTorch’s own error is larger; there it agrees with the derivative', async () => {
    const { cases } = await golden<Golden>('dirichlet-gradient.json');
    let [all, agreeing] = [0, 0];
    for (const { alpha, sample, coefficient } of cases) {
      const total = sum(alpha);
      alpha.forEach((beta, i) => {
        const [x, theirs] = [sample[i] as number, coefficient[i] as number];
        const own = dirichletCoefficient(x, beta, total);
        all++;
        if (relative(own, theirs) < 1e-4) agreeing++;
        else {
          // PyTorch approximates: a truncated series, a saddle point, or a fitted ratio of
          // polynomials, accurate to about 2e-3
          const derivative = differenced(x, beta, total - beta);
          expect(relative(own, derivative), `β ${beta}, total ${total}, x ${x}`).to.be.below(1e-6);
          expect(relative(theirs, derivative)).to.be.within(0.9e-4, 5e-3);
        }
      });
    }
    expect([all, agreeing]).to.deep.equal([720, 653]);
  });

  it('combines the coefficients as PyTorch does', async () => {
    const { cases } = await golden<Golden>('dirichlet-gradient.json');
    for (const { alpha, sample, gradSample, gradAlpha, coefficient } of cases) {
      const own = dirichletGradient(alpha, sample, gradSample);
      const total = sum(alpha);
      gradAlpha.forEach((wanted, i) => {
        const off = relative(
          dirichletCoefficient(sample[i] as number, alpha[i] as number, total),
          coefficient[i] as number,
        );
        expect(relative(own[i] as number, wanted)).to.be.below(off + 1e-9);
      });
    }
  });

  it('is the slope of the quantile: two concentrations, one changed a little, the same random numbers', () => {
    const quantile = (seed: number, a: number, b: number): number => {
      let [low, high] = [0, 1];
      for (let i = 0; i < 200; i++) {
        const middle = (low + high) / 2;
        if (betaCdf(middle, a, b) < seed) low = middle;
        else high = middle;
      }
      return (low + high) / 2;
    };
    for (const [a, b] of [
      [0.4, 0.7],
      [1.3, 0.6],
      [2, 5],
      [9, 12],
    ] as const) {
      for (const seed of [0.1, 0.5, 0.9]) {
        const x = quantile(seed, a, b);
        const slope = (quantile(seed, a + 1e-5, b) - quantile(seed, a - 1e-5, b)) / 2e-5;
        expect(relative(dirichletCoefficient(x, a, a + b) * (1 - x), slope)).to.be.below(1e-5);
      }
    }
  });

  it('stays finite at the ends, and for very small and very large concentrations', () => {
    for (const x of [1e-300, 1e-12, 0.5, 1 - 2 ** -53]) {
      for (const beta of [1e-3, 0.08, 1, 300])
        for (const other of [1e-3, 2.6, 3000])
          expect(
            Number.isFinite(dirichletCoefficient(x, beta, beta + other)),
            `${x} ${beta} ${other}`,
          ).to.equal(true);
    }
  });
});

describe('Dirichlet samples', () => {
  it('have the mean and the variance of the distribution, below concentration 1 and above', () => {
    for (const concentrations of [
      [0.05, 0.08, 0.03],
      [0.5, 2, 7],
      [30, 10, 1],
    ]) {
      const random = seededRandom('samples');
      const [n, total] = [40_000, sum(concentrations)];
      const samples = Array.from({ length: n }, () => sampleDirichlet(concentrations, random));
      concentrations.forEach((beta, i) => {
        const mean = sum(samples.map((sample) => sample[i] as number)) / n;
        const variance = sum(samples.map((sample) => ((sample[i] as number) - mean) ** 2)) / n;
        const wanted = ((beta / total) * (1 - beta / total)) / (total + 1);
        expect(mean).to.be.closeTo(beta / total, 5 * Math.sqrt(wanted / n));
        expect(relative(variance, wanted)).to.be.below(0.05);
      });
    }
  });

  it('are positive, below 1 and sum to 1 even if a Gamma sample underflows', () => {
    const random = seededRandom(3);
    for (let i = 0; i < 2000; i++) {
      const sample = sampleDirichlet([1e-3, 1e-3, 2e-3], random);
      expect(sample.every((x) => x > 0 && x < 1)).to.equal(true);
      expect(sum([...sample])).to.be.closeTo(1, 1e-12);
    }
    expect(Number.isFinite(logGamma(1e-6, random))).to.equal(true);
  });
});

describe('digamma', () => {
  it('has its known values', () => {
    const euler = 0.5772156649015329;
    expect(digamma(1)).to.be.closeTo(-euler, 1e-13);
    expect(digamma(0.5)).to.be.closeTo(-euler - 2 * Math.LN2, 1e-13);
    expect(digamma(0.01)).to.be.closeTo(-100.56088545786868, 1e-11);
    expect(digamma(100)).to.be.closeTo(4.600161852738087, 1e-13);
  });
});

import { expect } from 'chai';
import fc from 'fast-check';
import { computeAgreement } from '../../../../analysis/metrics/agreement.js';
import {
  decisionKappa,
  decisionsAt,
  robustness,
  selectionEntropy,
} from '../../../../analysis/metrics/robustness.js';
import { seededRandom } from '../../../../core/util/random.js';

const confidences = fc.array(fc.constantFrom(-2, -1, 0, 0.25, 3, NaN), {
  minLength: 1,
  maxLength: 60,
});
const callRate = fc.constantFrom(0.1, 0.3, 0.5, 0.9);
const sum = (values: Float64Array): number => values.reduce((all, value) => all + value, 0);
const drawn = (seed: string, n: number): Float64Array => {
  const random = seededRandom(seed);
  return Float64Array.from({ length: n }, () => random.normal());
};
/** Decisions before and after at 50 % calls. */
const measured = (
  before: Float64Array,
  after: Float64Array,
): readonly [robust: number, entropy: number, kappa: number | null] => {
  const [p, q] = [decisionsAt(before, 0.5), decisionsAt(after, 0.5)];
  return [
    robustness(p, q).value as number,
    selectionEntropy(p).value as number,
    decisionKappa(p, q).value,
  ];
};

describe('robustness of decisions', () => {
  it('decides by rank: as many queries go as the call rate says, none before one that is less sure, ties alike', () => {
    fc.assert(
      fc.property(confidences, callRate, (given, rate) => {
        const decisions = decisionsAt(Float64Array.from(given), rate);
        expect(sum(decisions)).to.be.closeTo(Math.round(rate * given.length), 1e-9);
        const value = (i: number): number =>
          Number.isNaN(given[i]) ? -Infinity : (given[i] as number);
        given.forEach((_, i) =>
          given.forEach(
            (_other, j) => value(i) === value(j) && expect(decisions[i]).to.equal(decisions[j]),
          ),
        );
        given.forEach((_, i) =>
          given.forEach(
            (_other, j) =>
              value(i) < value(j) &&
              (decisions[j] as number) > 0 &&
              expect(decisions[i]).to.equal(1),
          ),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('does not see a change that keeps the order, nor the order of the queries', () => {
    fc.assert(
      fc.property(confidences, confidences, callRate, fc.integer(), (a, b, rate, seed) => {
        const n = Math.min(a.length, b.length);
        const [before, after] = [
          Float64Array.from(a.slice(0, n)),
          Float64Array.from(b.slice(0, n)),
        ];
        const [p, q] = [decisionsAt(before, rate), decisionsAt(after, rate)];
        expect(
          decisionsAt(
            before.map((value) => 5 + Math.exp(value)),
            rate,
          ),
        ).to.deep.equal(p);
        expect(robustness(p, p).value).to.equal(1);
        const order = seededRandom(seed).shuffle(Array.from(p.keys()));
        const [shuffledP, shuffledQ] = [p, q].map((of) =>
          Float64Array.from(order, (i) => of[i] as number),
        ) as [Float64Array, Float64Array];
        expect(robustness(shuffledP, shuffledQ).value).to.be.closeTo(
          robustness(p, q).value as number,
          1e-12,
        );
        expect(decisionKappa(shuffledP, shuffledQ).value ?? -9).to.be.closeTo(
          decisionKappa(p, q).value ?? -9,
          1e-9,
        );
        expect(selectionEntropy(shuffledP).value).to.be.closeTo(
          selectionEntropy(p).value as number,
          1e-9,
        );
      }),
      { numRuns: 100 },
    );
  });

  it('is 1 for a constant router, whose selection entropy of 0 shows why; there is no kappa', () => {
    const constant = new Float64Array(101).fill(0.7);
    expect(
      measured(
        constant,
        constant.map((value) => value - 3),
      ),
    ).to.deep.equal([1, 0, null]);
    expect(measured(constant.fill(NaN), constant)).to.deep.equal([1, 0, null]);
  });

  it('is 1 with an entropy of 1 bit for a router that ranks all queries alike, and 0 for one that turns the order round', () => {
    const own = drawn('own', 100);
    expect(measured(own, own)).to.deep.equal([1, 1, 1]);
    expect(
      measured(
        own,
        own.map((value) => -value),
      ),
    ).to.deep.equal([0, 1, -1]);
  });

  it('is one half for noise, and kappa is 0: for a router that draws anew, and for a table that knows only the first wording', () => {
    const n = 4000;
    const own = drawn('own', n);
    const [share, entropy, kappa] = measured(own, drawn('other', n)) as [number, number, number];
    expect(share).to.be.closeTo(0.5, 0.03);
    expect(entropy).to.equal(1);
    expect(kappa).to.be.closeTo(0, 0.06);
    const table = measured(own, new Float64Array(n).fill(0.5));
    expect(table).to.deep.equal([0.5, 1, 0]);
    expect(selectionEntropy(decisionsAt(new Float64Array(n).fill(0.5), 0.5)).value).to.equal(0);
  });

  it('falls as the other wording disturbs the order more', () => {
    const own = drawn('own', 2000);
    const noise = drawn('noise', 2000);
    const ladder = [0, 0.1, 0.3, 1, 3].map((strength) =>
      measured(
        own,
        own.map((value, i) => value + strength * (noise[i] as number)),
      ),
    );
    for (let i = 1; i < ladder.length; i++) {
      expect(ladder[i]?.[0]).to.be.lessThan(ladder[i - 1]?.[0] as number);
      expect(ladder[i]?.[2]).to.be.lessThan(ladder[i - 1]?.[2] as number);
    }
  });

  it('has Cohen’s kappa where nothing is tied', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 4, max: 80 }), callRate, (seed, n, rate) => {
        const [p, q] = [
          decisionsAt(drawn(`${seed}/a`, n), rate),
          decisionsAt(drawn(`${seed}/b`, n), rate),
        ];
        const { kappa } = computeAgreement(
          Array.from(p, (value, i) => [value, q[i] as number] as const),
          ['keep', 'escalate'],
        );
        expect(decisionKappa(p, q).value ?? -9).to.be.closeTo(kappa ?? -9, 1e-9);
      }),
      { numRuns: 100 },
    );
  });

  it('lies between 0 and 1, with an entropy between 0 and that of the call rate, whatever is tied', () => {
    fc.assert(
      fc.property(confidences, confidences, callRate, (a, b, rate) => {
        const n = Math.min(a.length, b.length);
        const [p, q] = [a, b].map((of) => decisionsAt(Float64Array.from(of.slice(0, n)), rate)) as [
          Float64Array,
          Float64Array,
        ];
        const c = Math.round(rate * n) / n;
        const most = c === 0 || c === 1 ? 0 : -c * Math.log2(c) - (1 - c) * Math.log2(1 - c);
        expect(robustness(p, q).value).to.be.within(-1e-12, 1);
        expect(selectionEntropy(p).value).to.be.within(0, most + 1e-12);
        expect(decisionKappa(p, q).value ?? 0).to.be.at.most(1);
      }),
    );
  });

  it('is nothing without queries', () => {
    for (const metric of [robustness, decisionKappa])
      expect(metric(new Float64Array(0), new Float64Array(0))).to.have.property('reason');
    expect(selectionEntropy(new Float64Array(0))).to.have.property('reason');
  });
});

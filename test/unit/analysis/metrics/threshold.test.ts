import { expect } from 'chai';
import fc from 'fast-check';
import { buildCurve } from '../../../../analysis/metrics/curve.js';
import { thresholdFor, computeTransfer } from '../../../../analysis/metrics/threshold.js';

const toRows = (confidence: readonly number[]) => ({
  n: confidence.length,
  weak: Float64Array.from(confidence, (_, i) => (i % 3 === 0 ? 0 : 1)),
  strong: Float64Array.from(confidence, () => 1),
  label: Uint8Array.from(confidence, (_, i) => (i % 3 === 0 ? 0 : 1)),
  confidence: Float64Array.from(confidence),
});

describe('threshold transfer', () => {
  it('on the rows it was chosen on, a threshold makes the calls it was chosen for, more only where confidences tie', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.double({ noNaN: true, noDefaultInfinity: true }), {
          minLength: 2,
          maxLength: 60,
          comparator: (a, b) => a === b,
        }),
        fc.constantFrom(0, 0.1, 0.3, 0.5, 1),
        (values, callRate) => {
          const threshold = thresholdFor(Float64Array.from(values), callRate) as number;
          expect(computeTransfer(buildCurve(toRows(values)), threshold).realised).to.equal(
            Math.round(callRate * values.length) / values.length,
          );
        },
      ),
    );
    expect(
      computeTransfer(
        buildCurve(toRows([1, 1, 1, 2])),
        thresholdFor(Float64Array.of(1, 1, 1, 2), 0.25) as number,
      ).realised,
    ).to.equal(0.75);
  });

  it('elsewhere makes the calls that it makes there, and recovers what they recover', () => {
    const own = computeTransfer(buildCurve(toRows([0.1, 0.9, 0.8, 0.2, 0.95, 0.7])), 0.2);
    // rows 0 and 3 are those the weak model gets wrong
    expect(own).to.deep.equal({ realised: 2 / 6, recovery: { value: 1 } });
  });

  it('always sends rows without a confidence, and is nothing without rows', () => {
    expect(thresholdFor(Float64Array.of(NaN, NaN, 1, 2), 0.5)).to.equal(-Infinity);
    expect(computeTransfer(buildCurve(toRows([NaN, 1, 2])), -Infinity).realised).to.be.closeTo(
      1 / 3,
      1e-12,
    );
    expect(thresholdFor(new Float64Array(0), 0.5)).to.equal(null);
    const even = { ...toRows([1, 2]), weak: Float64Array.of(1, 1) };
    expect(computeTransfer(buildCurve(even), 1).recovery).to.have.property('reason');
  });
});

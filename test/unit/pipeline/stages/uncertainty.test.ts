import { expect } from 'chai';
import { withIntervals } from '../../../../pipeline/stages/uncertainty.js';
import { METRIC_NAMES } from '../../../support/metrics.js';

describe('intervals of a result', () => {
  const width = METRIC_NAMES.length;
  const values = Float32Array.from({ length: 400 * width }, (_, i) => {
    const metric = METRIC_NAMES[i % width];
    if (metric === 'auroc') return Math.floor(i / width) / 400;
    return metric === 'ece' ? NaN : 7;
  });

  it('are those of the resamples of each metric, keep the spread over seeds, and say why there is none', () => {
    const own = withIntervals(
      {
        auroc: { value: 0.5, spread: { min: 0.4, max: 0.6 } },
        ece: { value: 0.1 },
        cost: { value: 7 },
        mpm: { value: null, reason: 'none' },
      },
      METRIC_NAMES,
      values,
      0.95,
    );
    expect(own['auroc']).to.have.property('spread').that.deep.equals({ min: 0.4, max: 0.6 });
    const [low, high] = (own['auroc']?.value !== null && own['auroc']?.ci) || [NaN, NaN];
    expect(low).to.be.closeTo(0.025, 0.003);
    expect(high).to.be.closeTo(0.9725, 0.003);
    expect(own['ece']).to.deep.equal({ value: 0.1, noCi: 'null in 400 of 400 resamples' });
    expect(own['cost']).to.deep.equal({ value: 7, ci: [7, 7] });
    expect(own['mpm']).to.deep.equal({ value: null, reason: 'none' });
  });
});

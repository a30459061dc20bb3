import { expect } from 'chai';
import { withIntervals } from '../../../../pipeline/stages/uncertainty.js';
import { METRIC_DEFINITIONS, METRIC_NAMES } from '../../../support/metrics.js';

describe('intervals of a result', () => {
  const width = METRIC_NAMES.length;
  const values = Float32Array.from({ length: 400 * width }, (_, i) => {
    const metric = METRIC_NAMES[i % width];
    if (metric === 'auroc') return Math.floor(i / width) / 400;
    return metric === 'brier' ? NaN : 7;
  });

  it('are those of the resamples of each metric, keep the spread over seeds, and say why there is none', () => {
    const own = withIntervals(
      {
        auroc: { value: 0.5, spread: { min: 0.4, max: 0.6 } },
        brier: { value: 0.1 },
        ece: { value: 7 },
        cost: { value: 7 },
        mpm: { value: null, reason: 'none' },
      },
      METRIC_DEFINITIONS,
      values,
      { level: 0.95, rarerLabel: 100 },
    );
    expect(own['auroc']).to.have.property('spread').that.deep.equals({ min: 0.4, max: 0.6 });
    const [low, high] = (own['auroc']?.value !== null && own['auroc']?.ci) || [NaN, NaN];
    expect(low).to.be.within(0.05, 0.2);
    expect(high).to.be.within(0.8, 0.95);
    expect(own['brier']).to.deep.equal({ value: 0.1, noCi: 'null in 400 of 400 resamples' });
    expect(own['ece']).to.have.property('noCi').that.contains('biased');
    expect(own['cost']).to.deep.equal({ value: 7, ci: [7, 7] });
    expect(own['mpm']).to.deep.equal({ value: null, reason: 'none' });
  });
});

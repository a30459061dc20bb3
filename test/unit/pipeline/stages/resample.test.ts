import { expect } from 'chai';
import { DEFAULT_SETTINGS } from '../../../../analysis/metrics/types.js';
import { resample } from '../../../../pipeline/stages/resample.js';
import type { SharedRows } from '../../../../analysis/statistics/shared-rows.js';
import { METRICS } from '../../../support/metrics.js';
import { simulated } from '../../../support/simulate.js';
import type { ResampleJob } from '../../../../analysis/statistics/resample-job.js';

/** Enough work, together with another one, to be shared out among threads in many parts. */
function job(seed: string): ResampleJob {
  const {
    shared,
    confidences: [last, ...others],
  } = simulated(seed, 1000, new Array<number>(25).fill(1)) as {
    readonly shared: SharedRows;
    readonly confidences: readonly [Float64Array, ...Float64Array[]];
  };
  return {
    shared,
    routers: [
      { calibrated: true, confidences: others },
      { calibrated: false, confidences: [last] },
    ],
    settings: DEFAULT_SETTINGS,
    seed,
    resamples: 1250,
  };
}

describe('resampling in threads', () => {
  it('gives each set the numbers that it has without them', async () => {
    const jobs = [job('first'), job('second')];
    let done = 0;
    const values = (threads: number) =>
      resample(METRICS, jobs, {
        signal: new AbortController().signal,
        advance: (by) => (done += by),
        threads,
      });
    const alone = await values(1);
    expect(done).to.equal(2500);
    expect(await values(2)).to.deep.equal(alone);
    expect(done).to.equal(5000);
    expect(alone[0]?.[0]).to.not.deep.equal(alone[1]?.[0]);
  });
});

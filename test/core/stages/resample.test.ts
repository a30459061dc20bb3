import { expect } from 'chai';
import { seededRandom } from '../../../core/index.js';
import { DEFAULT_SETTINGS } from '../../../core/metrics/types.js';
import { resample, type ResampleJob } from '../../../core/stages/resample.js';

/** Enough work, together with another one, to be shared out among threads in many parts. */
function job(seed: string): ResampleJob {
  const random = seededRandom(seed);
  const label = Uint8Array.from({ length: 1000 }, () => (random.float() < 0.6 ? 1 : 0));
  const confidence = (): Float64Array => Float64Array.from(label, (y) => y + random.normal());
  return {
    shared: { n: label.length, weak: Float64Array.from(label), strong: Float64Array.from(label, () => (random.float() < 0.9 ? 1 : 0)), label, cluster: Uint32Array.from(label, (_, i) => i), clusters: label.length },
    routers: [{ calibrated: true, confidences: Array.from({ length: 24 }, confidence) }, { calibrated: false, confidences: [confidence()] }],
    settings: DEFAULT_SETTINGS,
    seed,
    resamples: 1250,
  };
}

describe('resampling in threads', () => {
  it('gives each set the numbers that it has without them', async () => {
    const jobs = [job('first'), job('second')];
    let done = 0;
    const values = (threads: number) => resample(jobs, { signal: new AbortController().signal, advance: (by) => (done += by), threads });
    const alone = await values(1);
    expect(done).to.equal(2500);
    expect(await values(2)).to.deep.equal(alone);
    expect(done).to.equal(5000);
    expect(alone[0]?.[0]).to.not.deep.equal(alone[1]?.[0]);
  });
});

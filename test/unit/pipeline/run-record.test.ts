import { expect } from 'chai';
import { addCall } from '../../../pipeline/run-record.js';
import type { RunCall, RunRecord } from '../../../storage/results/types.js';

const call = (over: Partial<RunCall>): RunCall => ({
  configuration: 'a',
  stages: ['prepare', 'train', 'eval'],
  ended: true,
  started: '2026-01-01T00:00:00.000Z',
  finished: '2026-01-01T00:00:09.000Z',
  seconds: 9,
  host: {},
  versions: {},
  git: null,
  trainers: [],
  fitThreads: 0,
  modelCalls: { weak: 10 },
  spend: { usd: 0.5, prices: null, models: {} },
  latency: { mine: { p50: 1, p95: 2, p99: 3, queries: 10 } },
  notes: {},
  ...over,
});
const ABOUT = { run: 'r', part: null, failures: [] };
const again = call({ seconds: 1, modelCalls: { weak: 0 }, latency: {} });

describe('the record of a run', () => {
  it('says what the first call with this configuration did, and lists every call', () => {
    const first = addCall(null, call({}), ABOUT);
    const second = addCall(first, again, ABOUT);
    expect(second).to.deep.include({ seconds: 9, modelCalls: { weak: 10 } });
    expect(second.spend.usd).to.equal(0.5);
    expect(second.latency).to.have.property('mine');
    expect(second.calls.map(({ seconds }) => seconds)).to.deep.equal([9, 1]);
    const changed = addCall(second, call({ configuration: 'b', seconds: 4 }), ABOUT);
    expect([changed.seconds, changed.calls.length]).to.deep.equal([4, 3]);
  });

  it('adds the latencies of routers that a later call was the first to score', () => {
    const later = { other: { p50: 5, p95: 6, p99: 7, queries: 3 } };
    const record = addCall(addCall(null, call({}), ABOUT), call({ latency: later }), ABOUT);
    expect(Object.keys(record.latency).sort()).to.deep.equal(['mine', 'other']);
  });

  it('keeps the failures and the end of the last call that evaluated', () => {
    const failures = [{ router: 'mine', code: 'RXB6004', message: 'no' }];
    const failed = addCall(null, call({ ended: false }), { ...ABOUT, failures });
    const prepared: RunRecord = addCall(failed, call({ stages: ['prepare'] }), ABOUT);
    expect([prepared.ended, prepared.failures]).to.deep.equal([false, failures]);
    const whole = addCall(prepared, again, ABOUT);
    expect([whole.ended, whole.failures]).to.deep.equal([true, []]);
  });
});

/** When a server counts as unreachable, and how soon it is checked again. */
import { expect } from 'chai';
import { Endpoint } from '../../../../../plugins/models/_openai/endpoint.js';
import { RequestFailure } from '../../../../../plugins/models/_openai/failure.js';

describe('a server of the pool', () => {
  const late = new RequestFailure('timeout', 'no whole reply');
  const refused = new RequestFailure('refused', 'nobody listens');

  it('is unreachable after five failures in a row, and checked soon, however many requests in flight fail afterwards', () => {
    const endpoint = new Endpoint('http://127.0.0.1:9/v1', 128);
    for (let i = 0; i < 4; i++) endpoint.failed(late, 0, 1000 + i);
    endpoint.succeeded();
    for (let i = 0; i < 4; i++) endpoint.failed(late, 0, 2000 + i);
    expect(endpoint.free(2010)).to.equal(true);
    for (let i = 4; i < 100; i++) endpoint.failed(i % 2 === 0 ? late : refused, 0, 2000 + i);
    expect(endpoint.free(2200)).to.equal(false);
    expect([endpoint.downSince, endpoint.probeAt, endpoint.failedProbes]).to.deep.equal([
      2004, 2204, 1,
    ]);
  });

  it('is checked less and less often while it is unreachable, and gets work again when it is back', () => {
    const endpoint = new Endpoint('http://127.0.0.1:9/v1', 128);
    endpoint.failed(refused, 0, 0);
    const waits: number[] = [];
    for (let now = endpoint.probeAt; waits.length < 8; now = endpoint.probeAt) {
      endpoint.wentAway(now);
      waits.push(endpoint.probeAt - now);
    }
    expect(waits).to.deep.equal([400, 800, 1600, 3200, 6400, 12_800, 15_000, 15_000]);
    expect(endpoint.downSince).to.equal(0);
    endpoint.cameBack();
    expect([endpoint.free(1e6), endpoint.failedProbes, endpoint.wakeAt()]).to.deep.equal([
      true,
      0,
      -Infinity,
    ]);
  });
});

import { expect } from 'chai';
import { namePart } from '../../../../pipeline/config/part.js';

describe('the part of a config that a call works on', () => {
  it('is named by its sets, routers and limit, and is null where the call works on all', () => {
    expect(namePart({}, {})).to.equal(null);
    expect(namePart({ limit: 40 }, {})).to.equal('limit-40');
    expect(namePart({}, { RXB_LIMIT: '40' })).to.equal('limit-40');
    expect(namePart({ routers: ['entropy', 'probe:mean'], limit: 8 }, {})).to.equal(
      'entropy-probe-mean-limit-8',
    );
    expect(namePart({ datasets: ['tiny-choice4'] }, {})).to.equal('tiny-choice4');
  });

  it('has a short name of its own where that would be long', () => {
    const routers = Array.from({ length: 9 }, (_, i) => `some-router-${i}`);
    const name = namePart({ routers }, {});
    expect(name).to.match(/^part-[0-9a-f]{8}$/);
    expect(namePart({ routers: routers.slice(1) }, {})).to.not.equal(name);
  });
});

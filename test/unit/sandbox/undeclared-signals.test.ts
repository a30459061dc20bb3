import { expect } from 'chai';
import { UndeclaredSignals } from '../../../sandbox/undeclared-signals.js';

describe('signals that a router does not declare', () => {
  it('are undefined, and reading one is told once with the line to add', () => {
    const told: string[] = [];
    const undeclared = new UndeclaredSignals((text) => told.push(text));
    const signals = Object.create(undeclared.prototype) as Record<string, unknown>;
    signals['logits'] = [1];
    expect(signals['logits']).to.deep.equal([1]);
    expect(Object.keys(signals)).to.deep.equal(['logits']);
    expect(undeclared.hint).to.equal('');
    expect(signals['hiddenStates']).to.equal(undefined);
    expect(signals['embedding']).to.equal(undefined);
    expect(told).to.have.lengthOf(1);
    expect(undeclared.hint).to.include('"hiddenStates"').and.to.include('add hiddenStates()');
  });
});

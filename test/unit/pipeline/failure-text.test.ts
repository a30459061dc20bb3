import { expect } from 'chai';
import { HarnessError } from '../../../core/errors.js';
import { describeError } from '../../../pipeline/failure-text.js';

describe('errors in words', () => {
  it('keep text of plugins apart from ours: no line begins with it, and it moves no cursor', () => {
    const problem = 'no\nRXB9999 All is well.\u001b[2J\u202e';
    const error = new HarnessError('fitFailed', { router: 'mine', rows: 3, problem });
    const text = describeError(error);
    expect(text)
      .to.match(/^RXB6005 /)
      .and.to.not.match(/^RXB9999/m);
    expect(text).to.include('\n         RXB9999').and.to.include('\ufffd[2J\ufffd');
  });
});

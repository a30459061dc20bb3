import { expect } from 'chai';
import type { DatasetRow } from '../../../core/index.js';
import { Recorded } from '../../../plugins/scorers/recorded.js';
import { instanceOf } from '../instance.js';

const ROW: DatasetRow = { id: 'a', prompt: 'What is 6 times 7?', reference: '42', domain: 'numbers' };

describe('recorded', () => {
  it('gives the recorded grade whatever the text says, and null with the reason where there is none', () => {
    const scorer = instanceOf('scorer', Recorded);
    const grade = (answer: object): unknown => scorer.grade(ROW, answer as never, undefined as never);
    expect(grade({ text: '41', recordedGrade: 0.25 })).to.deep.equal({ value: 0.25 });
    expect(grade({ text: '', recordedGrade: 1 })).to.deep.equal({ value: 1 });
    expect(grade({ text: '42', recordedGrade: null })).to.deep.equal({ value: null, reason: 'recorded without a grade' });
    expect(grade({ text: '42' })).to.deep.equal({ value: null, reason: 'the answer came without a recorded grade' });
  });
});

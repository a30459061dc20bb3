import { expect } from 'chai';
import { RequestFailure } from '../../../../../plugins/models/_openai/failure.js';
import { parseCompletions } from '../../../../../plugins/models/_openai/texts.js';

const ending = (finish_reason: string | null, content = 'B', onUnknown?: (r: string) => void) =>
  parseCompletions(
    { choices: [{ index: 0, finish_reason, message: { content } }] },
    1,
    null,
    onUnknown,
  )[0]?.finish;

describe('the end of an answer', () => {
  it('is complete or cut off, as servers call it', () => {
    for (const reason of [null, 'stop', 'eos', 'STOP', 'end_turn', 'stop_sequence'])
      expect(ending(reason), String(reason)).to.equal('stop');
    for (const reason of ['length', 'max_tokens', 'MAX_TOKENS', 'max_output_tokens'])
      expect(ending(reason), reason).to.equal('length');
  });

  it('is no answer after a filter, a tool call, an error or an abort', () => {
    for (const reason of [
      'content_filter',
      'tool_calls',
      'function_call',
      'error',
      'abort',
      'SAFETY',
      'cancelled',
      'RECITATION',
    ])
      expect(() => ending(reason), reason).to.throw(RequestFailure, reason);
  });

  it('is complete where nobody knows the reason but there is text, which is told', () => {
    const told: string[] = [];
    for (const reason of ['unload', 'constructor', '__proto__', 'sleep'])
      expect(ending(reason, 'B', (unknown) => told.push(unknown))).to.equal('stop');
    expect(told).to.deep.equal(['unload', 'constructor', '__proto__', 'sleep']);
    expect(() => ending('unload', '')).to.throw(RequestFailure, 'unload');
  });
});

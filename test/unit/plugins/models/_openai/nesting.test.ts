import { expect } from 'chai';
import { RequestFailure } from '../../../../../plugins/models/_openai/failure.js';
import { checkNesting } from '../../../../../plugins/models/_openai/nesting.js';

describe('the nesting of a reply', () => {
  it('has a limit of depth and of values; brackets and commas in texts do not count', () => {
    const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    checkNesting(deep(100));
    checkNesting(JSON.stringify({ text: `"\\${'['.repeat(1000)}`, list: [[1], [2]] }));
    checkNesting(`"${','.repeat(5_000_000)}"`);
    expect(() => checkNesting(deep(101)))
      .to.throw(RequestFailure, 'nested deeper than 100 levels')
      .with.nested.property('options.error', 'unreadableReply');
    expect(() => checkNesting(`[${'{},'.repeat(4_000_001)}{}]`)).to.throw(
      RequestFailure,
      'more than 4000000 values',
    );
  });
});

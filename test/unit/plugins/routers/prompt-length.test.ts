import { expect } from 'chai';
import type { Router } from '../../../../core/index.js';
import { PromptLength } from '../../../../plugins/routers/prompt-length.js';
import { createInstance } from '../../../support/instance.js';

describe('prompt-length', () => {
  it('returns higher confidence for shorter queries, in UTF-16 code units', () => {
    const router = createInstance('router', PromptLength) as unknown as Router<object>;
    expect(router.score?.({ query: { text: 'abc' }, signals: {} })).to.equal(-3);
    expect(router.score?.({ query: { text: '🙂' }, signals: {} })).to.equal(-2);
  });
});

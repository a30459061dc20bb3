import { expect } from 'chai';
import { RequestFailure } from '../../../../../plugins/models/_openai/failure.js';
import { parseUsage } from '../../../../../plugins/models/_openai/reply.js';
import { checkReply } from '../../../../../plugins/models/_openai/reply-schema.js';

const choice = (over: object): object => ({
  choices: [{ index: 0, finish_reason: 'stop', message: { content: 'B' }, ...over }],
});

/** What the schema says of a reply; undefined where it passes. */
function getProblem(reply: object): string | undefined {
  try {
    checkReply(reply);
    return undefined;
  } catch (error) {
    expect(error).to.be.instanceOf(RequestFailure);
    expect((error as RequestFailure).options.error).to.equal('unreadableReply');
    return (error as RequestFailure).message;
  }
}

describe('the schema of replies', () => {
  it('passes what servers send, nulls and members of their own included', () => {
    for (const reply of [
      choice({}),
      choice({ logprobs: null, index: null, finish_reason: null, own: [1] }),
      choice({ message: null, text: 'B' }),
      choice({ logprobs: { content: [{ token: 'B', logprob: null, top_logprobs: [] }] } }),
      choice({
        logprobs: { tokens: ['B'], token_logprobs: [null], top_logprobs: [null, { B: -1 }] },
      }),
      { data: [{ index: 0, embedding: [1, 2] }] },
      { data: [{ embedding: 'AAAA' }], usage: { prompt_tokens: 1 } },
      { choices: null, prompt_logprobs: [null, { 5: { logprob: -1, rank: 1 } }] },
    ])
      expect(getProblem(reply), JSON.stringify(reply)).to.equal(undefined);
  });

  const tokens = (content: unknown): object => choice({ logprobs: { content } });
  const WRONG: readonly (readonly [object, string])[] = [
    [tokens(1), 'choices.0.logprobs.content'],
    [tokens([{ token: 'B', logprob: -1, top_logprobs: 'y' }]), 'choices.0.logprobs.content'],
    [tokens([{ token: null, logprob: -1 }]), 'choices.0.logprobs.content'],
    [tokens([{ token: 'B', logprob: 'x' }]), 'choices.0.logprobs.content'],
    [tokens([null]), 'choices.0.logprobs.content'],
    [choice({ message: undefined }), 'choices.0: it has neither'],
    [choice({ message: 'B' }), 'choices.0.message'],
    [choice({ text: ['B'] }), 'choices.0.text'],
    [choice({ finish_reason: 1 }), 'choices.0.finish_reason'],
    [choice({ index: 0.5 }), 'choices.0.index'],
    [choice({ index: -1 }), 'choices.0.index'],
    [{ choices: [null] }, 'choices.0'],
    [{ choices: 'x' }, 'choices'],
    [{ choices: Array.from({ length: 5000 }, () => null) }, 'choices: the list is longer'],
    [{ data: [{ embedding: null }] }, 'data'],
    [{ data: [{ embedding: [1, null] }] }, 'data'],
    [{ prompt_logprobs: [{ a: { logprob: null } }] }, 'prompt_logprobs'],
  ];
  for (const [reply, place] of WRONG)
    it(`names ${place}: ${JSON.stringify(reply).slice(0, 110)}`, () => {
      expect(getProblem(reply)).to.match(new RegExp(`^${place.replaceAll('.', '\\.')}`));
    });
});

describe('the token counts of a reply', () => {
  it('are whole numbers, or unknown', () => {
    const usage = (prompt_tokens: unknown, completion_tokens: unknown): unknown =>
      parseUsage({ choices: [], usage: { prompt_tokens, completion_tokens } });
    expect(usage(1, 2)).to.deep.equal({ prompt: 1, completion: 2 });
    for (const wrong of [1.5, -1, null, undefined, '1', 1e300, NaN])
      expect([usage(wrong, 1), usage(1, wrong)], String(wrong)).to.deep.equal([null, null]);
  });
});

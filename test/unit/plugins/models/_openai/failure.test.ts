import { expect } from 'chai';
import { addSecret, forgetSecrets } from 'routerxbench/redact';
import { buildFailure, failureInReply } from '../../../../../plugins/models/_openai/failure.js';

const kindOf = (error: unknown): string | undefined => failureInReply({ error })?.kind;

describe('an error in a reply with status 200', () => {
  it('has the meaning of its code, a number or words', () => {
    expect(kindOf({ code: 400, message: 'too long' })).to.equal('rejected');
    expect(kindOf({ code: 401, message: 'no' })).to.equal('unauthorised');
    expect(kindOf({ code: 402, message: 'no credit' })).to.equal('quota');
    expect(kindOf({ code: '429', message: 'slow down' })).to.equal('throttled');
    expect(kindOf({ code: 502, message: 'Provider returned error' })).to.equal('server');
    expect(kindOf({ code: 'rate_limit_exceeded', message: 'slow down' })).to.equal('throttled');
    expect(kindOf({ code: 'invalid_api_key', message: 'no' })).to.equal('unauthorised');
    expect(kindOf({ code: 'context_length_exceeded', message: 'no' })).to.equal('rejected');
    expect(kindOf('something broke')).to.equal('server');
  });

  it('keeps the sentence of the server and no secret', () => {
    addSecret('sk-secret-42');
    const failure = failureInReply({ error: { code: 400, message: 'not sk-secret-42' } });
    expect(failure?.message).to.equal('HTTP 400: not [secret]');
    forgetSecrets();
  });

  it('is none beside an answer, or where it says nothing', () => {
    expect(failureInReply({ error: null, choices: [] })).to.equal(null);
    expect(failureInReply({ error: { code: 400 }, choices: [{}] })).to.equal(null);
    expect(failureInReply({ error: {}, data: [{}] })).to.equal(null);
    expect(failureInReply([1])).to.equal(null);
    expect(failureInReply({ error: '' })).to.equal(null);
  });
});

describe('a 403', () => {
  it('is of one prompt where it speaks of moderation, else of the key', () => {
    for (const message of [
      'Your chosen model requires moderation and your input was flagged',
      'Blocked by our content policy',
      'SAFETY',
    ])
      expect(buildFailure(403, JSON.stringify({ error: { message } }), undefined).kind).to.equal(
        'rejected',
      );
    expect(buildFailure(403, '{"error":{"message":"Forbidden"}}', undefined).kind).to.equal(
      'unauthorised',
    );
  });
});

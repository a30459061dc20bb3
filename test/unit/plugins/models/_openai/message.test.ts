import { expect } from 'chai';
import { RequestFailure } from '../../../../../plugins/models/_openai/failure.js';
import { readMessage, type ReplyMessage } from '../../../../../plugins/models/_openai/message.js';

describe('message', () => {
  const cases: readonly (readonly [string, ReplyMessage, object])[] = [
    ['a plain text', { content: 'C' }, { text: 'C' }],
    ['no content', { content: null }, { text: '' }],
    ['a refusal', { content: null, refusal: 'No.' }, { text: 'No.' }],
    [
      'the field of vLLM and DeepSeek',
      { content: 'C', reasoning_content: 'A? No.' },
      { text: 'C', thinking: 'A? No.' },
    ],
    ['the field of Groq', { content: 'C', reasoning: 'A?' }, { text: 'C', thinking: 'A?' }],
    ['the field of Ollama', { content: 'C', thinking: 'A?' }, { text: 'C', thinking: 'A?' }],
    [
      'the details of OpenRouter',
      {
        content: 'C',
        reasoning_details: [
          { type: 'reasoning.summary', summary: 'A? ' },
          { type: 'reasoning.text', text: 'No.' },
        ],
      },
      { text: 'C', thinking: 'A? No.' },
    ],
    [
      'one thought under two names',
      {
        content: 'C',
        reasoning: 'A?',
        reasoning_details: [{ type: 'reasoning.text', text: 'A?' }],
      },
      { text: 'C', thinking: 'A?' },
    ],
    ['an empty field', { content: 'C', reasoning_content: '' }, { text: 'C' }],
    [
      'the parts of Mistral',
      {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'A?' }] },
          { type: 'text', text: 'C' },
        ],
      },
      { text: 'C', thinking: 'A?' },
    ],
    [
      'the parts of Anthropic',
      {
        content: [
          { type: 'thinking', thinking: 'A?', signature: 'x' },
          { type: 'redacted_thinking', data: 'x' },
          { type: 'text', text: 'The answer ' },
          { type: 'text', text: 'is C' },
        ],
      },
      { text: 'The answer is C', thinking: 'A?' },
    ],
    ['a thought without an answer', { content: null, reasoning: 'A' }, { text: '', thinking: 'A' }],
  ];
  for (const [name, message, read] of cases)
    it(`reads ${name}`, () => {
      expect(readMessage(message)).to.deep.equal(read);
    });

  it('refuses parts that are no text', () => {
    for (const content of [[{ type: 'image_url', image_url: {} }], [7], { text: 'C' }, 7])
      expect(() => readMessage({ content }), JSON.stringify(content)).to.throw(RequestFailure);
  });
});

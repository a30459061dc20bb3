/**
 * An engine whose replies come from a function of the conversation: judges and verifiers with known
 * verdicts.
 */
import type { Engine, Start } from './engine.js';

/** The conversation of the request. */
export type Asked = Extract<Start, { form: 'chat' }>['messages'];

/** Replies with the result of `reply`, word by word. */
export const scriptedEngine = (model: string, reply: (messages: Asked) => string): Engine => ({
  models: [model],
  write: (start, { n, top }) => {
    const messages =
      start.form === 'chat' ? start.messages : [{ role: 'user', content: start.text }];
    const text = reply(messages);
    const token = {
      text,
      logprob: -0.5,
      top: Array.from({ length: top }, (_, i) => ({
        text: i === 0 ? text : `other ${i}`,
        logprob: -0.5 - i,
      })),
    };
    return Promise.resolve({
      promptTokens: messages.length,
      texts: Array.from({ length: n }, () => ({ text, finish: 'stop' as const, tokens: [token] })),
    });
  },
  close: () => Promise.resolve(),
});

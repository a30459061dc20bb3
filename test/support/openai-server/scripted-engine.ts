/**
 * An engine whose replies a function writes from the conversation: judges and verifiers whose
 * verdicts a test knows.
 */
import type { Engine, Start } from './engine.js';

/** The conversation that was asked. */
export type Asked = Extract<Start, { form: 'chat' }>['messages'];

/** Replies with what `reply` says, word by word. */
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

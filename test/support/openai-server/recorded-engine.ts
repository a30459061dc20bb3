/** Answers without a model: made from the prompt's hash, always the same. */
import { hash32 } from '../../../core/util/hash32.js';
import type { Engine, Start } from './engine.js';

const lastText = (start: Start): string =>
  start.form === 'text' ? start.text : (start.messages.at(-1)?.content ?? '');

/** The text that this engine generates for a prompt: sample number `copy` with `seed`. */
export const recordedText = (prompt: string, seed = 0, copy = 0): string =>
  `answer ${hash32(`${prompt}/${seed}/${copy}`) >>> 0}`;

/** An engine whose texts are those of {@link recordedText}. */
export const recordedEngine = (...models: readonly string[]): Engine => ({
  models: models.length === 0 ? ['recorded'] : models,
  write: (start, { n, seed, temperature, maxTokens, top }) => {
    const prompt = lastText(start);
    const words = (text: string): readonly string[] => text.split(/(?=\s)/);
    return Promise.resolve({
      promptTokens: words(prompt).length,
      texts: Array.from({ length: n }, (_, copy) => {
        const tokens = words(
          recordedText(prompt, temperature > 0 ? seed : 0, temperature > 0 ? copy : 0),
        ).slice(0, maxTokens);
        const logprob = -1 / (2 + tokens.length);
        return {
          text: tokens.join(''),
          finish: 'stop',
          tokens: tokens.map((text) => ({
            text,
            logprob,
            top: Array.from({ length: top }, (_unused, i) => ({
              text: i === 0 ? text : `other ${i}`,
              logprob: logprob - i,
            })),
          })),
        };
      }),
    });
  },
  close: () => Promise.resolve(),
});

import type { ModelPrompt } from '../../core/contracts.js';

/** A number that is only roughly known. */
export interface Estimate {
  readonly low: number;
  readonly expected: number;
  readonly high: number;
}

/** Sum of two estimates. */
export const plus = (a: Estimate, b: Estimate): Estimate => ({
  low: a.low + b.low,
  expected: a.expected + b.expected,
  high: a.high + b.high,
});

/** An estimate times a number. */
export const times = (a: Estimate, factor: number): Estimate => ({
  low: a.low * factor,
  expected: a.expected * factor,
  high: a.high * factor,
});

/** Two estimates multiplied, low by low. */
export const product = (a: Estimate, b: Estimate): Estimate => ({
  low: a.low * b.low,
  expected: a.expected * b.expected,
  high: a.high * b.high,
});

/** Nothing, for sure. */
export const NONE: Estimate = { low: 0, expected: 0, high: 0 };

/** Characters a token: English prose has about 4; code, digits and other scripts fewer. */
const CHARACTERS = { low: 5, expected: 4, high: 2 };
/** Tokens that a chat template puts around a message. */
const AROUND = 8;

const getTexts = (prompt: ModelPrompt): readonly string[] =>
  prompt.form === 'raw' ? [prompt.text] : prompt.messages.map(({ content }) => content);

/** Tokens of a prompt, from its length alone: the server's tokenizer is not known here. */
export function estimateTokens(prompt: unknown): Estimate {
  const texts = typeof prompt === 'string' ? [prompt] : getTexts(prompt as ModelPrompt);
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  const estimate = (each: number): number => Math.ceil(characters / each) + AROUND * texts.length;
  return {
    low: estimate(CHARACTERS.low),
    expected: estimate(CHARACTERS.expected),
    high: estimate(CHARACTERS.high),
  };
}

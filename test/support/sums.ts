/** Sums as a dataset, and models that add numbers: plugins for the tests of stages. */
import type {
  Completion,
  DatasetRow,
  Model,
  ModelContext,
  ModelInfo,
  ModelPrompt,
  Outcome,
} from '../../core/contracts.js';
import { dataset, model } from '../../core/index.js';
import { question } from './stage-plan.js';

/** The text of a prompt's last message. */
export const getText = (prompt: ModelPrompt): string =>
  prompt.form === 'raw' ? prompt.text : (prompt.messages.at(-1)?.content ?? '');

/** One outcome of one text. */
export const says = (text: string): Outcome<readonly Completion[]> => ({
  ok: true,
  value: [{ text, tokenLogprobs: [-0.5], finish: 'stop', promptTokens: 4, completionTokens: 1 }],
});

/** Adds the numbers in a question; sums above `largest` come out as 0. */
abstract class Adder implements Model {
  readonly asked: string[] = [];
  abstract readonly largest: number;
  readonly info = async (): Promise<ModelInfo> => ({
    name: `adds up to ${this.largest}`,
    fingerprint: `adder-${this.largest}`,
    can: ['generate', 'embedding'],
    embedding: { dim: 2 },
  });
  readonly generate = async (
    prompts: readonly ModelPrompt[],
    _settings: object,
    { advance }: ModelContext,
  ): Promise<readonly Outcome<readonly Completion[]>[]> =>
    prompts.map((prompt) => {
      const text = getText(prompt);
      this.asked.push(text);
      advance(1);
      const sum = (text.match(/\d+/g) ?? []).map(Number).reduce((a, b) => a + b, 0);
      return says(String(sum <= this.largest ? sum : 0));
    });
  readonly embed = async (
    texts: readonly string[],
    { advance }: ModelContext,
  ): Promise<readonly Outcome<Float32Array>[]> => {
    advance(texts.length);
    return texts.map((text) => ({
      ok: true,
      value: Float32Array.of(text.length, Number(/\d+/.exec(text)?.[0] ?? 0)),
    }));
  };
}

@model({ name: 'adds-small', summary: 'Adds small numbers' })
export class AddsSmall extends Adder {
  readonly largest = 30;
}

@model({ name: 'adds-all', summary: 'Adds all numbers' })
export class AddsAll extends Adder {
  readonly largest = 1000;
}

/** 40 sums in each split, from 0 to 78. */
@dataset({
  name: 'sums',
  summary: 'Sums',
  splits: ['train', 'test'],
  licence: 'CC0-1.0',
  source: { text: 'made here' },
  scorer: 'exact',
  scale: [0, 1],
  label: 'correct',
})
export class Sums {
  *read(split: string): Generator<DatasetRow> {
    for (let i = 0; i < 40; i++) {
      const ask = split === 'test' ? 'What is' : 'Add';
      yield question(`${split}-${i}`, `${ask} ${i} + ${i}?`, String(2 * i));
    }
  }
}

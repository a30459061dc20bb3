/** Models that give the replies of test/fixtures/recorded-replies.json, and their questions. */
import { readFileSync } from 'node:fs';
import type {
  Completion,
  DatasetRow,
  GenerateSettings,
  Model,
  ModelContext,
  ModelInfo,
  ModelPrompt,
  Outcome,
} from '../../core/contracts.js';
import { dataset, model } from '../../core/index.js';
import { question } from './stage-plan.js';
import { getText } from './sums.js';

interface Recorded {
  readonly id: string;
  readonly text: string;
  readonly reference: string;
  readonly weak: string;
  readonly strong: string;
  readonly samples: readonly { readonly text: string; readonly tokenLogprobs: readonly number[] }[];
  readonly entails: readonly {
    readonly first: string;
    readonly second: string;
    readonly reply: string;
  }[];
  readonly choices: readonly number[];
  readonly vectors: Readonly<Record<string, readonly number[]>>;
  readonly rating: string;
  readonly difficulty: string;
}

const { questions } = JSON.parse(readFileSync('test/fixtures/recorded-replies.json', 'utf8')) as {
  readonly questions: readonly Recorded[];
};

const find = (text: string): Recorded =>
  questions.find((recorded) => text.includes(recorded.text)) as Recorded;

const completion = (text: string, tokenLogprobs: readonly number[] = [-0.2]): Completion => ({
  text,
  tokenLogprobs,
  finish: 'stop',
  promptTokens: 10,
  completionTokens: tokenLogprobs.length,
});

/** A prompt without a recorded reply fails, and so does an entailment question asked twice. */
abstract class Recording implements Model {
  readonly #asked = new Set<string>();
  abstract readonly side: 'weak' | 'strong';
  readonly info = async (): Promise<ModelInfo> => ({
    name: `recorded ${this.side}`,
    fingerprint: `recorded-${this.side}`,
    can: ['generate', 'choice-logprobs', 'embedding'],
    embedding: { dim: 3 },
  });
  readonly generate = async (
    prompts: readonly ModelPrompt[],
    { n = 1 }: GenerateSettings,
    { advance }: ModelContext,
  ): Promise<readonly Outcome<readonly Completion[]>[]> =>
    prompts.map((prompt) => {
      advance(1);
      const value = this.#reply(getText(prompt), n);
      if (value !== undefined) return { ok: true, value };
      return { ok: false, code: 'no-recording', message: `no reply to ${getText(prompt)}` };
    });
  readonly choose = async (
    prompts: readonly ModelPrompt[],
  ): Promise<readonly Outcome<Float32Array>[]> =>
    prompts.map((prompt) => ({
      ok: true,
      value: Float32Array.from(find(getText(prompt)).choices),
    }));
  readonly embed = async (
    texts: readonly string[],
    { advance }: ModelContext,
  ): Promise<readonly Outcome<Float32Array>[]> =>
    texts.map((text) => {
      advance(1);
      const recorded = questions.find(({ vectors }) => text in vectors);
      return { ok: true, value: Float32Array.from(recorded?.vectors[text] ?? []) };
    });

  #reply(text: string, n: number): readonly Completion[] | undefined {
    const recorded = find(text);
    if (text === recorded.text)
      return n === 1
        ? [completion(recorded[this.side])]
        : recorded.samples.map((sample) => completion(sample.text, sample.tokenLogprobs));
    if (text.startsWith('RATE')) return [completion(recorded.rating)];
    if (text.startsWith('HARD')) return [completion(recorded.difficulty)];
    const [, first, second] = /<1>(.*)<2>(.*)$/s.exec(text) ?? [];
    if (this.#asked.has(text)) return undefined;
    this.#asked.add(text);
    const found = recorded.entails.find(
      (entails) => entails.first === first && entails.second === second,
    );
    return found === undefined ? undefined : [completion(found.reply)];
  }
}

@model({ name: 'recorded-weak', summary: 'Recorded replies of a weak model' })
export class RecordedWeak extends Recording {
  readonly side = 'weak';
}

@model({ name: 'recorded-strong', summary: 'Recorded replies of a strong model' })
export class RecordedStrong extends Recording {
  readonly side = 'strong';
}

@dataset({
  name: 'four-questions',
  summary: 'Four questions',
  splits: ['test'],
  licence: 'CC0-1.0',
  source: { text: 'made here' },
  scorer: 'exact',
  scale: [0, 1],
  label: 'correct',
})
export class FourQuestions {
  *read(): Generator<DatasetRow> {
    for (const { id, text, reference } of questions) yield question(id, text, reference);
  }
}

/** A small model backend that keeps the contract, and one for every rule that breaks it. */
import { z } from 'zod';
import {
  model,
  seededRandom,
  type Completion,
  type GenerateSettings,
  type Model,
  type ModelInfo,
  type ModelContext,
  type ModelDefinition,
  type ModelPrompt,
  type Outcome,
  type PromptState,
} from '../../../core/index.js';
import type { PluginClass } from '../../../testing/index.js';

const VOCABULARY = 11;
const DIM = 4;
const CARD: ModelInfo = {
  name: 'Hash model',
  fingerprint: 'hash-model-1',
  vocabulary: VOCABULARY,
  hiddenStates: { indices: [0, 1, 2], dim: DIM },
  embedding: { dim: DIM },
  classes: 2,
  can: ['generate', 'logits', 'hidden-states', 'choice-logprobs', 'embedding', 'classification'],
};

const getText = (prompt: ModelPrompt): string =>
  prompt.form === 'raw' ? prompt.text : prompt.messages.map(({ content }) => content).join('\n');
const vector = (seed: string, length: number): Float32Array => {
  const random = seededRandom(seed);
  return Float32Array.from({ length }, () => random.normal());
};
const ok = <T>(value: T): Outcome<T> => ({ ok: true, value });

/**
 * Generates tokens from a hash of the prompt: a pure function of prompt, settings and number of the
 * sample.
 */
const write = (
  prompt: ModelPrompt,
  { maxTokens, temperature, seed = 0 }: GenerateSettings,
  copy: number,
): Completion => {
  const random = seededRandom(
    `${getText(prompt)}/${temperature > 0 ? `${seed}/${copy}` : 'greedy'}`,
  );
  const wanted = random.int(2, 9);
  const tokens = Array.from({ length: Math.min(wanted, maxTokens) }, () =>
    random.pick(['la', 'lo', 'li']),
  );
  return {
    text: tokens.join(' '),
    tokenLogprobs: tokens.map(() => Math.log(1 - random.float())),
    finish: wanted > maxTokens ? 'length' : 'stop',
    promptTokens: 1 + getText(prompt).length,
    completionTokens: tokens.length,
  };
};

const good = (): Model => ({
  info: () => Promise.resolve(CARD),
  generate: (
    prompts: readonly ModelPrompt[],
    settings: GenerateSettings,
    { signal, advance }: ModelContext,
  ) => {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    advance(prompts.length);
    return Promise.resolve(
      prompts.map((prompt) =>
        ok(Array.from({ length: settings.n ?? 1 }, (_, copy) => write(prompt, settings, copy))),
      ),
    );
  },
  read: (prompts, wanted) =>
    Promise.resolve(
      prompts.map((prompt) =>
        ok<PromptState>({
          ...(wanted.logits ? { logits: vector(`${getText(prompt)}/z`, VOCABULARY) } : {}),
          ...(wanted.hiddenStates ? { hiddenStates: vector(`${getText(prompt)}/h`, 3 * DIM) } : {}),
        }),
      ),
    ),
  choose: (prompts, choices) =>
    Promise.resolve(
      prompts.map((prompt) =>
        ok(vector(`${getText(prompt)}/c`, choices.length).map((x) => -Math.abs(x))),
      ),
    ),
  embed: (texts) => Promise.resolve(texts.map((text) => ok(vector(text, DIM)))),
  classify: (texts) => Promise.resolve(texts.map((text) => ok(vector(`${text}/class`, 2)))),
  close: () => Promise.resolve(),
});

const createModel = (
  change: (original: Model) => Partial<Model> = () => ({}),
  over: Partial<ModelDefinition> = {},
): PluginClass => {
  class Made {
    constructor() {
      const original = good();
      Object.assign(this, original, change(original));
    }
  }
  model({ name: 'made', summary: 'Made for the tests of the contract', ...over })(
    Made as unknown as new () => Model,
  );
  return Made;
};

type Generate = NonNullable<Model['generate']>;

/** A backend whose completions are modified. */
const writing = (change: (completion: Completion, at: number) => Completion): PluginClass =>
  createModel(({ generate }) => ({
    generate: (async (...call: Parameters<Generate>) => {
      const outcomes = (await generate?.(...call)) ?? [];
      return outcomes.map((outcome, at) =>
        outcome.ok ? ok(outcome.value.map((completion) => change(completion, at))) : outcome,
      );
    }) as Generate,
  }));

let calls = 0;

/** Keeps the contract. */
export const GoodModel = createModel();

/** Rule → a backend that breaks it. */
export const BROKEN_MODELS: Readonly<Record<string, PluginClass>> = {
  marked: class Unmarked {
    constructor() {
      Object.assign(this, good());
    }
  },
  named: createModel(undefined, { version: 0 }),
  'strict-options': createModel(undefined, { options: z.object({}) }),
  'info-steady': createModel(() => ({
    info: () => Promise.resolve({ ...CARD, fingerprint: `made-${calls++}` }),
  })),
  'info-consistent': createModel(() => ({
    info: () =>
      Promise.resolve({
        ...CARD,
        can: [...CARD.can, 'embedding' as const],
        hiddenStates: { indices: [0, 0], dim: DIM },
      }),
    read: (...[prompts]) => Promise.resolve(prompts.map(() => ok({}))),
  })),
  'greedy-repeats': writing((completion) => ({
    ...completion,
    text: `${completion.text} ${calls++}`,
  })),
  'keeps-order': writing((completion, at) => ({
    ...completion,
    text: `${at}: ${completion.text}`,
  })),
  'empty-block': createModel(({ generate }) => ({
    generate: (prompts, settings, context) =>
      (generate as Generate)(
        prompts.length === 0 ? [{ form: 'raw', text: 'x' }] : prompts,
        settings,
        context,
      ),
  })),
  samples: createModel(({ generate }) => ({
    generate: (prompts, { n: _n, ...settings }, context) =>
      (generate as Generate)(prompts, settings, context),
  })),
  'max-tokens': createModel(({ generate }) => ({
    generate: (prompts, settings, context) =>
      (generate as Generate)(prompts, { ...settings, maxTokens: settings.maxTokens + 1 }, context),
  })),
  'token-logprobs': writing((completion) => ({
    ...completion,
    tokenLogprobs: completion.tokenLogprobs.map((p) => Math.exp(p)),
  })),
  'counts-progress': createModel(({ generate }) => ({
    generate: (prompts, settings, { signal }) =>
      (generate as Generate)(prompts, settings, { signal, advance: () => {} }),
  })),
  abortable: createModel(({ generate }) => ({
    generate: (prompts, settings, { advance }) =>
      (generate as Generate)(prompts, settings, { advance, signal: new AbortController().signal }),
  })),
  'read-shapes': createModel(({ read }) => ({
    read: (prompts, _wanted, context) =>
      (read as NonNullable<Model['read']>)(prompts, { logits: true, hiddenStates: true }, context),
  })),
  'read-independent': createModel(() => ({
    read: (prompts, wanted) =>
      Promise.resolve(
        prompts.map((_, at) =>
          ok<PromptState>({
            ...(wanted.logits ? { logits: vector(`${at}`, VOCABULARY) } : {}),
            ...(wanted.hiddenStates ? { hiddenStates: vector(`${at}`, 3 * DIM) } : {}),
          }),
        ),
      ),
  })),
  choices: createModel(() => ({
    choose: (prompts, choices) =>
      Promise.resolve(
        prompts.map((prompt) => ok(vector(getText(prompt), choices.length).map(Math.abs))),
      ),
  })),
  embeddings: createModel(() => ({
    embed: (texts) => Promise.resolve(texts.map((text) => ok(vector(text, DIM + 1)))),
  })),
  classes: createModel(() => ({
    classify: (texts) => Promise.resolve(texts.map((_, at) => ok(vector(`${at}`, 2)))),
  })),
  closes: createModel(() => {
    let open = true;
    return {
      close: () => {
        if (!open) return Promise.reject(new Error('it is already closed'));
        open = false;
        return Promise.resolve();
      },
    };
  }),
};

/** Rules for backends that generate texts. */
import type { Completion, GenerateSettings, ModelPrompt } from '../core/contracts.js';
import { counting, GREEDY, getValues, type ModelSubject } from './model-subject.js';
import type { Rule } from './rule.js';

const SAMPLED: GenerateSettings = { maxTokens: 12, temperature: 1, n: 3, seed: 7 };

const generate = async (
  { shared }: ModelSubject,
  prompts: readonly ModelPrompt[],
  settings: GenerateSettings,
): Promise<readonly (readonly Completion[])[]> => {
  const model = await shared();
  const outcomes = await model.generate?.(prompts, settings, counting().context);
  return getValues(outcomes ?? [], prompts.length);
};
const getTexts = (completions: readonly (readonly Completion[])[]): readonly string[] =>
  completions.map((each) => each.map(({ text }) => text).join('\u0001'));

/** Wraps checks so that they skip backends that cannot generate. */
const rule = (
  name: string,
  sentence: string,
  check: (subject: ModelSubject) => Promise<readonly string[]>,
): Rule<ModelSubject> => ({
  name,
  sentence,
  check: async (subject) => ((await subject.can('generate')) ? await check(subject) : []),
});

const same = (a: readonly string[], b: readonly string[], how: string): readonly string[] =>
  a.flatMap((text, i) =>
    text === b[i]
      ? []
      : [`${how}, prompt ${i + 1} gets ${JSON.stringify(b[i])} instead of ${JSON.stringify(text)}`],
  );

/** Rules about generating. */
export const modelGenerateRules: readonly Rule<ModelSubject>[] = [
  rule('greedy-repeats', 'generates the same greedy texts in a second call', async (subject) => {
    const { prompts } = subject;
    return same(
      getTexts(await generate(subject, prompts, GREEDY)),
      getTexts(await generate(subject, prompts, GREEDY)),
      'in a second call',
    );
  }),
  rule(
    'keeps-order',
    'answers in the order of the prompts, and answers a prompt alone as in a block',
    async (subject) => {
      const { prompts } = subject;
      const texts = getTexts(await generate(subject, prompts, GREEDY));
      const reversed = getTexts(await generate(subject, [...prompts].reverse(), GREEDY));
      const alone: string[] = [];
      for (const prompt of prompts)
        alone.push(...getTexts(await generate(subject, [prompt], GREEDY)));
      return [
        ...same(texts, [...reversed].reverse(), 'in another order'),
        ...same(texts, alone, 'alone'),
      ];
    },
  ),
  rule('empty-block', 'returns no outcomes for an empty block', async (subject) =>
    (await generate(subject, [], GREEDY)).length === 0 ? [] : ['an empty block has outcomes'],
  ),
  rule('samples', 'draws n texts per prompt, the same ones for the same seed', async (subject) => {
    const { prompts } = subject;
    const first = await generate(subject, prompts, SAMPLED);
    const wrong = first.flatMap((each, i) =>
      each.length === SAMPLED.n
        ? []
        : [`prompt ${i + 1} has ${each.length} samples instead of ${String(SAMPLED.n)}`],
    );
    return [
      ...wrong,
      ...same(
        getTexts(first),
        getTexts(await generate(subject, prompts, SAMPLED)),
        'with the same seed',
      ),
    ];
  }),
  rule('max-tokens', 'generates at most maxTokens tokens, and counts them', async (subject) => {
    const problems: string[] = [];
    for (const maxTokens of [1, 5]) {
      for (const { completionTokens, promptTokens, finish } of (
        await generate(subject, subject.prompts, { ...GREEDY, maxTokens })
      ).flat()) {
        if (
          !Number.isInteger(completionTokens) ||
          completionTokens < 0 ||
          completionTokens > maxTokens
        )
          problems.push(`${completionTokens} tokens with maxTokens ${maxTokens}`);
        if (!Number.isInteger(promptTokens) || promptTokens < 1)
          problems.push(`a prompt of ${promptTokens} tokens`);
        if (finish !== 'stop' && finish !== 'length')
          problems.push(`finish is "${String(finish)}"`);
      }
    }
    return problems;
  }),
  rule('token-logprobs', 'returns finite log-probabilities of at most 0', async (subject) => {
    const all = [
      ...(await generate(subject, subject.prompts, GREEDY)),
      ...(await generate(subject, subject.prompts, SAMPLED)),
    ].flat();
    return all.flatMap(({ tokenLogprobs, text }) =>
      tokenLogprobs.every((p) => Number.isFinite(p) && p <= 1e-6)
        ? []
        : [`${JSON.stringify(text)} has ${tokenLogprobs.join(', ')}`],
    );
  }),
  rule('counts-progress', 'reports how many prompts are finished', async ({ shared, prompts }) => {
    const { context, finished } = counting();
    await (await shared()).generate?.(prompts, GREEDY, context);
    return finished() === prompts.length
      ? []
      : [`it reported ${finished()} of ${prompts.length} prompts`];
  }),
  rule(
    'abortable',
    'does nothing if the signal is already aborted',
    async ({ shared, prompts }) => {
      const stop = new AbortController();
      stop.abort(new Error('stop'));
      const model = await shared();
      const outcome = await Promise.resolve(
        model.generate?.(prompts, GREEDY, counting(stop.signal).context),
      ).then(
        () => 'it answered anyway',
        (thrown: unknown) =>
          thrown === stop.signal.reason
            ? null
            : `it failed with ${String(thrown)} instead of the reason of the signal`,
      );
      return outcome === null ? [] : [outcome];
    },
  ),
];

/** Rules for backends that return logits, hidden states, choices, embeddings or classes. */
import type { Model, ModelPrompt, PromptState } from '../core/contracts.js';
import { apart, counting, getValues, type ModelSubject } from './model-subject.js';
import type { Rule } from './rule.js';

const CHOICES = ['yes', 'no', 'maybe so'];

const read = async (
  model: Model,
  prompts: readonly ModelPrompt[],
  wanted: { readonly logits: boolean; readonly hiddenStates: boolean },
): Promise<readonly PromptState[]> =>
  getValues((await model.read?.(prompts, wanted, counting().context)) ?? [], prompts.length);

const getRequested = async ({
  can,
}: ModelSubject): Promise<{ readonly logits: boolean; readonly hiddenStates: boolean }> => ({
  logits: (await can('logits')) || (await can('top-logprobs')),
  hiddenStates: await can('hidden-states'),
});

const misshapen = (
  what: string,
  values: Float32Array | undefined,
  length: number,
): readonly string[] => {
  if (!(values instanceof Float32Array)) return [`${what} are not a Float32Array`];
  if (values.length !== length)
    return [`${what} have ${values.length} numbers, the model info says ${length}`];
  return values.every(Number.isFinite) ? [] : [`${what} contain a number that is not finite`];
};

/** One vector per item of any kind: results in a block, in reverse order and alone must agree. */
const independent = async <T>(
  items: readonly T[],
  tolerance: number,
  vectors: (items: readonly T[]) => Promise<readonly Float32Array[]>,
): Promise<readonly string[]> => {
  const together = await vectors(items);
  const reversed = [...(await vectors([...items].reverse()))].reverse();
  const problems: string[] = [];
  for (const [i, item] of items.entries()) {
    const [alone] = await vectors([item]);
    const values = together[i] as Float32Array;
    if (apart(values, alone ?? []) > tolerance)
      problems.push(`item ${i + 1} alone differs by ${apart(values, alone ?? []).toPrecision(2)}`);
    if (apart(values, reversed[i] ?? []) > tolerance)
      problems.push(
        `item ${i + 1} in another order differs by ${apart(values, reversed[i] ?? []).toPrecision(2)}`,
      );
  }
  if ((await vectors([])).length > 0) problems.push('an empty block has outcomes');
  return problems;
};

/** Rules about reading prompts, choosing and embedding. */
export const modelReadRules: readonly Rule<ModelSubject>[] = [
  {
    name: 'read-shapes',
    sentence: 'returns logits and hidden states of the sizes in its info, only when requested',
    check: async (subject) => {
      const wanted = await getRequested(subject);
      const model = await subject.shared();
      const { vocabulary, topLogprobs, hiddenStates } = await model.info();
      const problems: string[] = [];
      if (wanted.logits) {
        for (const state of await read(model, subject.prompts, {
          logits: true,
          hiddenStates: false,
        })) {
          problems.push(...misshapen('logits', state.logits, topLogprobs ?? vocabulary ?? NaN));
          if (
            topLogprobs !== undefined &&
            state.logits?.some((value, i, all) => value > 1e-6 || value > (all[i - 1] ?? 0)) ===
              true
          )
            problems.push(
              'the log-probabilities of the likeliest tokens are not in descending order from at most 0',
            );
          if (state.hiddenStates !== undefined)
            problems.push('it returns hidden states that were not requested');
        }
      }
      if (wanted.hiddenStates) {
        for (const state of await read(model, subject.prompts, {
          logits: false,
          hiddenStates: true,
        })) {
          problems.push(
            ...misshapen(
              'hidden states',
              state.hiddenStates,
              (hiddenStates?.indices.length ?? NaN) * (hiddenStates?.dim ?? NaN),
            ),
          );
          if (state.logits !== undefined)
            problems.push('it returns logits that were not requested');
        }
      }
      return problems;
    },
  },
  {
    name: 'read-independent',
    sentence: 'returns the same for a prompt alone and in a block, in any order',
    check: async (subject) => {
      const wanted = await getRequested(subject);
      const model = await subject.shared();
      const problems: string[] = [];
      for (const what of ['logits', 'hiddenStates'] as const) {
        if (!wanted[what]) continue;
        const vectors = async (prompts: readonly ModelPrompt[]): Promise<readonly Float32Array[]> =>
          (
            await read(model, prompts, {
              logits: what === 'logits',
              hiddenStates: what === 'hiddenStates',
            })
          ).map((state) => state[what] ?? new Float32Array());
        problems.push(
          ...(await independent(subject.prompts, subject.tolerance, vectors)).map(
            (problem) => `${what}: ${problem}`,
          ),
        );
      }
      return problems;
    },
  },
  {
    name: 'choices',
    sentence:
      'returns one finite log-probability of at most 0 per choice, whatever else is in the block',
    check: async (subject) => {
      if (!(await subject.can('choice-logprobs'))) return [];
      const model = await subject.shared();
      const vectors = async (prompts: readonly ModelPrompt[]): Promise<readonly Float32Array[]> =>
        getValues(
          (await model.choose?.(prompts, CHOICES, counting().context)) ?? [],
          prompts.length,
        );
      const wrong = (await vectors(subject.prompts)).flatMap((values) => [
        ...misshapen('choices', values, CHOICES.length),
        ...(values.every((p) => p <= 1e-6) ? [] : ['a log-probability is greater than 0']),
      ]);
      return [...wrong, ...(await independent(subject.prompts, subject.tolerance, vectors))];
    },
  },
  {
    name: 'embeddings',
    sentence: 'returns embeddings of the width in its info, whatever else is in the block',
    check: async (subject) => {
      if (!(await subject.can('embedding'))) return [];
      const model = await subject.shared();
      const { embedding } = await model.info();
      const vectors = async (texts: readonly string[]): Promise<readonly Float32Array[]> =>
        getValues((await model.embed?.(texts, counting().context)) ?? [], texts.length);
      const wrong = (await vectors(subject.queries)).flatMap((values) =>
        misshapen('embeddings', values, embedding?.dim ?? NaN),
      );
      return [...wrong, ...(await independent(subject.queries, subject.tolerance, vectors))];
    },
  },
  {
    name: 'classes',
    sentence: 'returns one finite logit per class, whatever else is in the block',
    check: async (subject) => {
      if (!(await subject.can('classification'))) return [];
      const model = await subject.shared();
      const { classes } = await model.info();
      const vectors = async (texts: readonly string[]): Promise<readonly Float32Array[]> =>
        getValues((await model.classify?.(texts, counting().context)) ?? [], texts.length);
      const wrong = (await vectors(subject.queries)).flatMap((values) =>
        misshapen('class logits', values, classes ?? NaN),
      );
      return [...wrong, ...(await independent(subject.queries, subject.tolerance, vectors))];
    },
  },
];

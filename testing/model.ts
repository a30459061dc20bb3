/** The contract of model backends: a list of rules, a check and tests. */
import { definitionRules } from './definition-rules.js';
import { modelGenerateRules } from './model-generate-rules.js';
import { modelReadRules } from './model-read-rules.js';
import { modelSubject, type ModelSubject, type ModelSuite } from './model-subject.js';
import { checkRules, registerRules, type Rule, type Runner, type Violation } from './rule.js';
import type { PluginClass } from './subject.js';
import { digest } from './detect-impurity.js';

const METHODS = {
  generate: 'generate',
  logits: 'read',
  'top-logprobs': 'read',
  'hidden-states': 'read',
  'choice-logprobs': 'choose',
  embedding: 'embed',
  classification: 'classify',
  entailment: 'generate',
} as const;

const positive = (value: number | undefined): boolean =>
  value !== undefined && Number.isInteger(value) && value > 0;

const infoRules: readonly Rule<ModelSubject>[] = [
  {
    name: 'info-steady',
    sentence:
      'returns the same info, with a name and a fingerprint, from every instance with these options',
    check: async ({ shared, make }) => {
      const { name, fingerprint, ...rest } = await (await shared()).info();
      const problems =
        name.trim() === '' || fingerprint.trim() === ''
          ? ['the name or the fingerprint is empty']
          : [];
      const other = make();
      try {
        const again = await other.info();
        const core = ({
          vocabulary,
          hiddenStates,
          embedding,
          classes,
          can,
        }: Partial<typeof again>): string =>
          digest({ vocabulary, hiddenStates, embedding, classes, can });
        if (again.fingerprint !== fingerprint || core(again) !== core(rest))
          problems.push('another instance returns other info');
      } finally {
        await other.close?.();
      }
      return problems;
    },
  },
  {
    name: 'info-consistent',
    sentence: 'can do what its info lists, and its info has the sizes',
    check: async ({ shared }) => {
      const model = await shared();
      const { can, vocabulary, hiddenStates, embedding, classes, topLogprobs } = await model.info();
      const problems: string[] = [];
      for (const ability of can) {
        if (!(ability in METHODS)) problems.push(`the ability "${ability}" does not exist`);
        else if (model[METHODS[ability]] === undefined)
          problems.push(`it lists the ability ${ability} but has no ${METHODS[ability]}()`);
      }
      if (can.length === 0) problems.push('it lists no ability');
      if (can.includes('logits') && !positive(vocabulary))
        problems.push('it returns logits but states no vocabulary size');
      if (can.includes('top-logprobs') && !positive(topLogprobs))
        problems.push('it returns the likeliest tokens but does not state how many');
      if (can.includes('logits') && can.includes('top-logprobs'))
        problems.push('it returns full logits and top log-probabilities');
      if (can.includes('embedding') && !positive(embedding?.dim))
        problems.push('it returns embeddings but states no width');
      if (can.includes('classification') && !positive(classes))
        problems.push('it classifies but states no number of classes');
      if (can.includes('hidden-states')) {
        const indices = hiddenStates?.indices ?? [];
        if (indices.length === 0 || !positive(hiddenStates?.dim))
          problems.push('it returns hidden states but does not state their layers and width');
        if (
          indices.some(
            (index, i) => !Number.isInteger(index) || index < 0 || index <= (indices[i - 1] ?? -1),
          )
        )
          problems.push('the layer indices are not in ascending order');
      }
      return problems;
    },
  },
];

const closeRule: Rule<ModelSubject> = {
  name: 'closes',
  sentence: 'can be closed without use, and twice',
  check: async ({ make }) => {
    const model = make();
    await model.close?.();
    await model.close?.();
    return [];
  },
};

/** All rules for model backends. Those about an ability apply if the info lists it. */
export const modelRules: readonly Rule<ModelSubject>[] = [
  ...definitionRules,
  ...infoRules,
  ...modelGenerateRules,
  ...modelReadRules,
  closeRule,
];

/**
 * Checks a model backend; an empty list means that it satisfies the contract. The model is closed
 * afterwards.
 */
export async function checkModel(
  plugin: PluginClass,
  suite: ModelSuite = {},
): Promise<readonly Violation[]> {
  const subject = modelSubject(plugin, suite);
  try {
    return await checkRules(modelRules, subject);
  } finally {
    await subject.end();
  }
}

/** Registers one test per rule for a model backend; the last one closes the model. */
export function modelContract(plugin: PluginClass, suite: ModelSuite = {}, runner?: Runner): void {
  const subject = modelSubject(plugin, suite);
  const last: Rule<ModelSubject> = {
    ...closeRule,
    check: async (own) => {
      await own.end();
      return await closeRule.check(own);
    },
  };
  registerRules(
    `${plugin.name} keeps the contract of models`,
    [...modelRules.filter((rule) => rule !== closeRule), last],
    subject,
    runner,
  );
}

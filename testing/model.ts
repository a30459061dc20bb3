/** The contract of model backends, as a list of rules, as a check and as tests. */
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
      'gives one card, with a name and a fingerprint, the same for every instance with these options',
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
          problems.push('another instance gives another card');
      } finally {
        await other.close?.();
      }
      return problems;
    },
  },
  {
    name: 'info-consistent',
    sentence: 'can do what its card says, and its card gives the sizes',
    check: async ({ shared }) => {
      const model = await shared();
      const { can, vocabulary, hiddenStates, embedding, classes, topLogprobs } = await model.info();
      const problems: string[] = [];
      for (const ability of can) {
        if (!(ability in METHODS)) problems.push(`there is no ability "${ability}"`);
        else if (model[METHODS[ability]] === undefined)
          problems.push(`it says it can do ${ability} but has no ${METHODS[ability]}()`);
      }
      if (can.length === 0) problems.push('it can do nothing');
      if (can.includes('logits') && !positive(vocabulary))
        problems.push('it gives logits but no vocabulary');
      if (can.includes('top-logprobs') && !positive(topLogprobs))
        problems.push('it gives the likeliest tokens but not how many');
      if (can.includes('logits') && can.includes('top-logprobs'))
        problems.push('it gives whole logits and a part of them');
      if (can.includes('embedding') && !positive(embedding?.dim))
        problems.push('it gives embeddings but no width');
      if (can.includes('classification') && !positive(classes))
        problems.push('it classifies but does not say into how many classes');
      if (can.includes('hidden-states')) {
        const indices = hiddenStates?.indices ?? [];
        if (indices.length === 0 || !positive(hiddenStates?.dim))
          problems.push('it gives hidden states but not their layers and width');
        if (
          indices.some(
            (index, i) => !Number.isInteger(index) || index < 0 || index <= (indices[i - 1] ?? -1),
          )
        )
          problems.push('the layer indices do not rise');
      }
      return problems;
    },
  },
];

const closeRule: Rule<ModelSubject> = {
  name: 'closes',
  sentence: 'can be closed, unused or twice',
  check: async ({ make }) => {
    const model = make();
    await model.close?.();
    await model.close?.();
    return [];
  },
};

/** All rules for model backends. Those about an ability apply where the card lists it. */
export const modelRules: readonly Rule<ModelSubject>[] = [
  ...definitionRules,
  ...infoRules,
  ...modelGenerateRules,
  ...modelReadRules,
  closeRule,
];

/**
 * Checks a model backend; an empty list means that it keeps its contract. The model is closed
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

/** Registers one test a rule for a model backend; the last one closes the model. */
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

/** The contract of datasets: a list of rules, a check and tests. */
import { contentHash, datasetRowRules } from './dataset-row-rules.js';
import { datasetSubject, type DatasetSubject, type DatasetSuite } from './dataset-subject.js';
import { definitionRules, KEBAB } from './definition-rules.js';
import { checkRules, registerRules, type Rule, type Runner, type Violation } from './rule.js';
import type { PluginClass } from './subject.js';

const filled = (text: string): boolean => text.trim() !== '';

const DECLARES: Rule<DatasetSubject> = {
  name: 'declares',
  sentence: 'declares its splits, licence, source, scorer, scale and label',
  check: ({ definition }) => {
    if (definition === undefined) return [];
    const { splits, licence, source, scorer, scale, label, threshold } = definition;
    const problems: string[] = [];
    if (splits.length === 0 || new Set(splits).size !== splits.length || !splits.every(filled))
      problems.push('splits is empty, or a split has no name or is listed twice');
    if (!filled(licence)) problems.push('there is no licence');
    if (!filled(source.text)) problems.push('there is no source');
    const chain = [scorer].flat();
    if (chain.length === 0) problems.push('there is no scorer');
    for (const name of chain)
      if (!KEBAB.test(name)) problems.push(`the scorer "${name}" is not a plugin name`);
    if (!(scale[0] < scale[1])) problems.push(`the scale [${scale.join(', ')}] is empty`);
    if (label !== 'correct' && label !== 'at-least-strong')
      problems.push(`the label "${String(label)}" does not exist`);
    if (threshold !== undefined && !(threshold >= scale[0] && threshold <= scale[1]))
      problems.push(`the threshold ${threshold} is outside the scale`);
    return problems;
  },
};

const needsRows = (rule: Rule<DatasetSubject>): Rule<DatasetSubject> => ({
  ...rule,
  applies: (own) => own.suite.rows !== false && (rule.applies?.(own) ?? true),
});

/** All rules for datasets. */
export const datasetRules: readonly Rule<DatasetSubject>[] = [
  ...definitionRules,
  DECLARES,
  ...datasetRowRules.map(needsRows),
];

/** Checks a dataset class; an empty list means that it satisfies the contract. */
export const checkDataset = (
  plugin: PluginClass,
  suite: DatasetSuite = {},
): Promise<readonly Violation[]> => checkRules(datasetRules, datasetSubject(plugin, suite));

/** Registers one test per rule for a dataset class. */
export const datasetContract = (
  plugin: PluginClass,
  suite: DatasetSuite = {},
  runner?: Runner,
): void =>
  registerRules(
    `${plugin.name} keeps the contract of datasets`,
    datasetRules,
    datasetSubject(plugin, suite),
    runner,
  );

/** Hash of the content of a split, for {@link DatasetSuite.pinned}. */
export const datasetContent = async (
  plugin: PluginClass,
  split: string,
  suite: DatasetSuite = {},
): Promise<string> => contentHash(await datasetSubject(plugin, suite).rows(split));

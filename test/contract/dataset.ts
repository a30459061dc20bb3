/** The contract of datasets, as a list of rules, as a check and as tests. */
import type { DatasetRow } from '../../core/contracts.js';
import type { DatasetDefinition } from '../../core/plugin.js';
import { definitionRules, KEBAB } from './definition-rules.js';
import { checkRules, registerRules, type Rule, type Runner, type Violation } from './rule.js';
import { subjectOf, type PluginClass, type PluginSubject } from './subject.js';
import { digest } from './watch.js';

/** What the dataset suite may be told. */
export interface DatasetSuite {
  readonly options?: object;
  /** Where relative paths of FILES start. */
  readonly folder?: string;
  /** The scorer the dataset declares; with it, every reference must be graded at the top of the scale. */
  readonly scorer?: PluginClass;
  readonly scorerOptions?: object;
}

/** A dataset under test. */
export interface DatasetSubject extends PluginSubject<'dataset'> {
  readonly definition: DatasetDefinition | undefined;
  /** All rows of a split; read once. */
  readonly rows: (split: string) => Promise<readonly DatasetRow[]>;
  /** All rows of a split, read by a new instance. */
  readonly read: (split: string) => Promise<readonly DatasetRow[]>;
  readonly scorer: PluginSubject<'scorer'> | undefined;
}

const KNOWN = new Set(['id', 'prompt', 'reference', 'domain', 'group', 'cluster', 'choices']);
const SHOWN = 3;

const subject = (plugin: PluginClass, suite: DatasetSuite): DatasetSubject => {
  const own = subjectOf('dataset', plugin, suite.options, suite.folder);
  const read = async (split: string): Promise<readonly DatasetRow[]> => {
    const rows: DatasetRow[] = [];
    for await (const row of own.make().read(split)) rows.push(row);
    return rows;
  };
  const kept = new Map<string, Promise<readonly DatasetRow[]>>();
  const rows = (split: string): Promise<readonly DatasetRow[]> => {
    const reading = kept.get(split) ?? read(split);
    kept.set(split, reading);
    return reading;
  };
  const definition = own.mark?.kind === 'dataset' ? own.mark.definition : undefined;
  return { ...own, definition, rows, read, scorer: suite.scorer === undefined ? undefined : subjectOf('scorer', suite.scorer, suite.scorerOptions) };
};

const everySplit = async ({ definition, rows }: DatasetSubject, look: (row: DatasetRow, split: string) => string | undefined): Promise<readonly string[]> => {
  const problems: string[] = [];
  for (const split of definition?.splits ?? []) {
    for (const row of await rows(split)) {
      const problem = look(row, split);
      if (problem !== undefined && problems.push(`${split} ${String(row.id)}: ${problem}`) === SHOWN) return problems;
    }
  }
  return problems;
};

const filled = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';
const references = ({ reference }: DatasetRow): readonly string[] => (typeof reference === 'string' ? [reference] : reference);

/** All rules for datasets. */
export const datasetRules: readonly Rule<DatasetSubject>[] = [
  ...definitionRules,
  {
    name: 'declares',
    sentence: 'declares its splits, licence, source, scorer, scale and label',
    check: ({ definition }) => {
      if (definition === undefined) return [];
      const { splits, licence, source, scorer, scale, label, threshold } = definition;
      const problems: string[] = [];
      if (splits.length === 0 || new Set(splits).size !== splits.length || !splits.every(filled)) problems.push('splits is empty, or a split is nameless or listed twice');
      if (!filled(licence)) problems.push('there is no licence');
      if (!filled(source.text)) problems.push('there is no source');
      if (!KEBAB.test(scorer)) problems.push(`the scorer "${scorer}" is no plugin name`);
      if (!(scale[0] < scale[1])) problems.push(`the scale [${scale.join(', ')}] is empty`);
      if (label !== 'correct' && label !== 'at-least-strong') problems.push(`there is no label "${String(label)}"`);
      if (threshold !== undefined && !(threshold >= scale[0] && threshold <= scale[1])) problems.push(`the threshold ${threshold} lies outside the scale`);
      return problems;
    },
  },
  {
    name: 'splits-readable',
    sentence: 'yields rows for every split it declares',
    check: async ({ definition, rows }) => {
      const problems: string[] = [];
      for (const split of definition?.splits ?? []) if ((await rows(split)).length === 0) problems.push(`the split "${split}" has no rows`);
      return problems;
    },
  },
  {
    name: 'rows-well-formed',
    sentence: 'fills prompt, reference and domain of every row, and adds no field of its own',
    check: async (own) =>
      await everySplit(own, (row) => {
        if (!filled(row.prompt)) return 'the prompt is empty';
        if (!filled(row.domain)) return 'there is no domain';
        if (references(row).length === 0 || !references(row).every(filled)) return 'a reference is empty';
        if (row.choices !== undefined && (row.choices.length < 2 || !row.choices.every((choice) => typeof choice === 'string'))) return 'choices are fewer than two, or not texts';
        const extra = Object.keys(row).find((key) => !KNOWN.has(key));
        return extra === undefined ? undefined : `the field "${extra}" is none of a dataset row`;
      }),
  },
  {
    name: 'unique-ids',
    sentence: 'gives every row of a split an id of its own',
    check: async (own) => {
      const seen = new Set<string>();
      return await everySplit(own, ({ id }, split) => {
        if (!filled(id)) return 'the id is empty';
        const key = `${split}/${id}`;
        if (seen.has(key)) return 'the id occurs twice';
        seen.add(key);
        return undefined;
      });
    },
  },
  {
    name: 'stable',
    sentence: 'yields the same rows in the same order when read again',
    check: async ({ definition, rows, read }) => {
      const problems: string[] = [];
      for (const split of definition?.splits ?? []) if (digest(await rows(split)) !== digest(await read(split))) problems.push(`the split "${split}" differs when read again`);
      return problems;
    },
  },
  {
    name: 'splits-disjoint',
    sentence: 'has no prompt in two splits',
    check: async (own) => {
      const splitOf = new Map<string, string>();
      return await everySplit(own, ({ prompt }, split) => {
        const other = splitOf.get(prompt);
        splitOf.set(prompt, split);
        return other === undefined || other === split ? undefined : `the prompt is also in "${other}"`;
      });
    },
  },
  {
    name: 'references-graded-top',
    sentence: 'has references that its scorer grades at the top of the scale',
    applies: ({ scorer }) => scorer !== undefined,
    check: async (own) => {
      const grader = own.scorer?.make();
      const problems: string[] = [];
      const ask = (): Promise<never> => Promise.reject(new Error('the suite has no models to ask'));
      for (const split of own.definition?.splits ?? []) {
        for (const row of await own.rows(split)) {
          for (const reference of references(row)) {
            const grade = await grader?.grade(row, { text: reference }, { ask });
            if (grade?.value !== own.definition?.scale[1] && problems.push(`${split} ${row.id}: its reference is graded ${String(grade?.value)}`) === SHOWN) return problems;
          }
        }
      }
      return problems;
    },
  },
];

/** Checks a dataset class; an empty list means that it keeps its contract. */
export const checkDataset = (plugin: PluginClass, suite: DatasetSuite = {}): Promise<readonly Violation[]> => checkRules(datasetRules, subject(plugin, suite));

/** Registers one test a rule for a dataset class. */
export const datasetContract = (plugin: PluginClass, suite: DatasetSuite = {}, runner?: Runner): void =>
  registerRules(`${plugin.name} keeps the contract of datasets`, datasetRules, subject(plugin, suite), runner);

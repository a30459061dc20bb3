/** Rules that look at the rows of a dataset. */
import type { DatasetRow } from '../core/contracts.js';
import type { DatasetSubject } from './dataset-subject.js';
import type { Rule } from './rule.js';
import { digest } from './detect-impurity.js';

const KNOWN = new Set([
  'id',
  'prompt',
  'reference',
  'domain',
  'group',
  'cluster',
  'choices',
  'turns',
  'temperature',
  'recorded',
]);
const SHOWN = 3;

const everySplit = async (
  { definition, rows }: DatasetSubject,
  look: (row: DatasetRow, split: string) => string | undefined,
): Promise<readonly string[]> => {
  const problems: string[] = [];
  for (const split of definition?.splits ?? []) {
    for (const row of await rows(split)) {
      const problem = look(row, split);
      if (
        problem !== undefined &&
        problems.push(`${split} ${String(row.id)}: ${problem}`) === SHOWN
      )
        return problems;
    }
  }
  return problems;
};

/** A short hash of all rows. */
export const contentHash = (rows: readonly DatasetRow[]): string => digest(rows).slice(0, 16);

const filled = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';
const references = ({ reference }: DatasetRow): readonly string[] =>
  typeof reference === 'string' ? [reference] : reference;

function paraphraseProblem(
  texts: unknown,
  again: unknown,
  prompts: ReadonlySet<string>,
): string | undefined {
  if (!Array.isArray(texts) || !texts.every(filled))
    return 'its paraphrases are not an array of texts';
  if (new Set(texts).size < texts.length) return 'a paraphrase occurs twice';
  if (texts.some((text) => prompts.has(text as string)))
    return 'a paraphrase is the prompt of a row';
  return digest(texts) === digest(again) ? undefined : 'its paraphrases differ in a second call';
}

/** All rules about rows. */
export const datasetRowRules: readonly Rule<DatasetSubject>[] = [
  {
    name: 'splits-readable',
    sentence: 'yields rows for every split it declares',
    check: async ({ definition, rows }) => {
      const problems: string[] = [];
      for (const split of definition?.splits ?? [])
        if ((await rows(split)).length === 0) problems.push(`the split "${split}" has no rows`);
      return problems;
    },
  },
  {
    name: 'rows-well-formed',
    sentence: 'fills prompt, reference and domain of every row, and has no unknown fields',
    check: async (own) =>
      await everySplit(own, (row) => {
        if (!filled(row.prompt)) return 'the prompt is empty';
        if (!filled(row.domain)) return 'the domain is empty';
        if (!references(row).every(filled)) return 'a reference is empty';
        if (
          row.choices !== undefined &&
          (row.choices.length < 2 || !row.choices.every((choice) => typeof choice === 'string'))
        )
          return 'there are fewer than two choices, or some are not texts';
        const extra = Object.keys(row).find((key) => !KNOWN.has(key));
        return extra === undefined
          ? undefined
          : `the field "${extra}" is not a field of a dataset row`;
      }),
  },
  {
    name: 'unique-ids',
    sentence: 'gives every row of a split a unique id',
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
      for (const split of definition?.splits ?? [])
        if (digest(await rows(split)) !== digest(await read(split)))
          problems.push(`the split "${split}" differs when read again`);
      return problems;
    },
  },
  {
    name: 'recorded-outcomes',
    sentence:
      'records grades within its scale, or null with a reason, and no negative costs or tokens',
    check: async (own) =>
      await everySplit(own, ({ recorded }) => {
        const [min, max] = own.definition?.scale ?? [0, 1];
        for (const [model, outcome] of Object.entries(recorded ?? {})) {
          if (
            outcome.grade === null
              ? !filled(outcome.reason)
              : !(outcome.grade >= min && outcome.grade <= max)
          )
            return `${model} has the grade ${String(outcome.grade)}`;
          if (
            [outcome.cost, outcome.usage?.prompt, outcome.usage?.completion].some(
              (amount) => amount !== undefined && !(amount >= 0),
            )
          )
            return `${model} has a negative cost or negative tokens`;
        }
        return undefined;
      }),
  },
  {
    name: 'content-versioned',
    sentence: 'increases its version when the content changes',
    applies: ({ suite }) => suite.pinned !== undefined,
    check: async ({ suite, definition, rows }) => {
      const { version, content } = suite.pinned ?? { version: 1, content: {} };
      if ((definition?.version ?? 1) !== version) return [];
      const problems: string[] = [];
      for (const [split, pinned] of Object.entries(content)) {
        const now = contentHash(await rows(split));
        if (now !== pinned)
          problems.push(
            `the content of "${split}" has the hash ${now} instead of ${pinned}, but the version is still ${version}`,
          );
      }
      return problems;
    },
  },
  {
    name: 'splits-disjoint',
    sentence: 'has no prompt in more than one split',
    check: async (own) => {
      const splits = new Map<string, string>();
      let left = own.suite.sharedPrompts ?? 0;
      return await everySplit(own, ({ prompt }, split) => {
        const other = splits.get(prompt);
        splits.set(prompt, split);
        return other === undefined || other === split || left-- > 0
          ? undefined
          : `the prompt is also in "${other}"`;
      });
    },
  },
  {
    name: 'paraphrases',
    sentence: 'gives only new paraphrases, if any, and always the same ones',
    check: async (own) => {
      if (own.definition === undefined) return [];
      const first = own.paraphrases();
      const second = own.paraphrases();
      if (first === undefined) return [];
      const prompts = new Set<string>();
      for (const split of own.definition?.splits ?? [])
        for (const { prompt } of await own.rows(split)) prompts.add(prompt);
      const problems: string[] = [];
      for (const split of own.definition?.splits ?? []) {
        for (const row of await own.rows(split)) {
          const texts = await first(row);
          const problem = paraphraseProblem(texts, (await second?.(row)) ?? [], prompts);
          if (problem !== undefined && problems.push(`${split} ${row.id}: ${problem}`) === SHOWN)
            return problems;
        }
      }
      return problems;
    },
  },
  {
    name: 'references-graded-top',
    sentence: 'has references that its scorer grades at the top of the scale',
    applies: ({ scorer }) => scorer !== undefined,
    check: async (own) => {
      const grader = own.scorer?.make();
      const problems: string[] = [];
      const ask = (): Promise<never> => Promise.reject(new Error('the suite has no models'));
      for (const split of own.definition?.splits ?? []) {
        for (const row of await own.rows(split)) {
          for (const reference of references(row)) {
            const grade = await grader?.grade(row, { text: reference }, { ask });
            if (
              grade?.value !== own.definition?.scale[1] &&
              problems.push(
                `${split} ${row.id}: its reference gets the grade ${String(grade?.value)}`,
              ) === SHOWN
            )
              return problems;
          }
        }
      }
      return problems;
    },
  },
];

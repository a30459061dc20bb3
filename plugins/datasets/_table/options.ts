/**
 * Options of the plugins that read any file: which file is which split, and which field is what.
 */
import { z, type DatasetFacts } from '../../../core/index.js';
import { Field } from './field.js';

const Recorded = z.strictObject({
  /** Grade in `scale`; true and false count as 1 and 0. */
  grade: Field,
  text: Field.optional(),
  promptTokens: Field.optional(),
  completionTokens: Field.optional(),
  /** US dollars. */
  cost: Field.optional(),
});

/** What is said of the rows, whatever kind of file they lie in. */
export const rowOptions = {
  /** Left out: id = split and number of the row, prompt = `prompt`, reference = `reference`. */
  fields: z
    .strictObject({
      id: Field.optional(),
      prompt: Field.default('prompt'),
      reference: Field.optional(),
      domain: Field.optional(),
      group: Field.optional(),
      /** Rows with one value are not independent of each other. */
      cluster: Field.optional(),
      choices: Field.optional(),
    })
    .prefault({}),
  /** Domain of rows that have none of their own. */
  domain: z.string().min(1).default('general'),
  /** Only rows whose field has this value, or one of these. */
  where: z
    .record(
      z.string(),
      z.union([
        z.string(),
        z.number(),
        z.boolean(),
        z.array(z.union([z.string(), z.number(), z.boolean()])),
      ]),
    )
    .default({}),
  /** What models did, by name: see docs/datasets.md, "Recorded outcomes". */
  recorded: z.record(z.string(), Recorded).default({}),
  licence: z.string().min(1),
  /** Where the rows come from, for people. */
  source: z.string().min(1).optional(),
  scorer: z.string().default('exact'),
  scale: z.tuple([z.number(), z.number()]).default([0, 1]),
  label: z.enum(['correct', 'at-least-strong']).default('correct'),
  threshold: z.number().optional(),
};

/** One file or several, read in order. */
const FileNames = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

/** Options of `jsonl`, `csv` and `parquet`. Paths start at the folder of the config. */
export const TableOptions = z
  .strictObject({
    /** The file of the split "test", where there is no other split. */
    file: FileNames.optional(),
    /** Split → its file or files. */
    splits: z.record(z.string(), FileNames).optional(),
    ...rowOptions,
  })
  .refine(
    (options) => (options.file === undefined) !== (options.splits === undefined),
    'give `file` or `splits`, one of the two',
  );

/** The options after the schema. */
export type TableOptions = z.output<typeof TableOptions>;

/** How rows are read, without the files. */
export type RowOptions = Omit<TableOptions, 'file' | 'splits'>;

/** Split → files. */
export function filesBySplit({
  file,
  splits,
}: TableOptions): Readonly<Record<string, readonly string[]>> {
  const given = splits ?? { test: file ?? [] };
  return Object.fromEntries(
    Object.entries(given).map(([split, files]) => [
      split,
      typeof files === 'string' ? [files] : files,
    ]),
  );
}

/** What the dataset says of itself, given its options. */
export function buildFacts(
  options: RowOptions,
  splits: readonly string[],
  source: string,
): Partial<DatasetFacts> {
  const { licence, scorer, scale, label, threshold } = options;
  return {
    splits,
    licence,
    source: { text: options.source ?? source },
    scorer,
    scale,
    label,
    ...(threshold === undefined ? {} : { threshold }),
  };
}

/** What such a plugin declares until its options are known. */
export const UNTIL_OPTIONS = {
  splits: ['test'],
  licence: 'as the option says',
  source: { text: 'files of your own' },
  scorer: 'exact',
  scale: [0, 1],
  label: 'correct',
} as const satisfies DatasetFacts;

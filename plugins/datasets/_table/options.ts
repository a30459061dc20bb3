/**
 * Options of the plugins that read any file: which files make up which split, and which field of a
 * record becomes which field of a row.
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

/** What is declared about the rows, whatever the file type. */
export const rowOptions = {
  /** Default: id = split and number of the row, prompt = `prompt`, reference = `reference`. */
  fields: z
    .strictObject({
      id: Field.optional(),
      prompt: Field.default('prompt'),
      reference: Field.optional(),
      domain: Field.optional(),
      group: Field.optional(),
      /** Rows with the same value are not independent. */
      cluster: Field.optional(),
      choices: Field.optional(),
      /**
       * Labels of the choices, by one of which the reference names the right one (1, 2 …); default:
       * the column `label` beside choices in a column `text`.
       */
      labels: Field.optional(),
    })
    .prefault({}),
  /** Domain of rows without one. */
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
  /** Recorded outcomes of models, by name: see docs/datasets.md, "Recorded outcomes". */
  recorded: z.record(z.string(), Recorded).default({}),
  licence: z.string().min(1),
  /** Description of the source of the rows. */
  source: z.string().min(1).optional(),
  scorer: z.string().default('exact'),
  scale: z.tuple([z.number(), z.number()]).default([0, 1]),
  label: z.enum(['correct', 'at-least-strong']).default('correct'),
  threshold: z.number().optional(),
};

/** One file or several, read in order. */
const FileNames = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

const tableOptions = {
  /** The file of the split "test", if there is no other split. */
  file: FileNames.optional(),
  /** Split → its file or files. */
  splits: z.record(z.string(), FileNames).optional(),
  ...rowOptions,
};

const hasOneSource = (options: { readonly file?: unknown; readonly splits?: unknown }): boolean =>
  (options.file === undefined) !== (options.splits === undefined);
const ONE_SOURCE = 'give `file` or `splits`, one of the two';

/** Options of `jsonl` and `parquet`. Paths are relative to the folder of the config. */
export const TableOptions = z.strictObject(tableOptions).refine(hasOneSource, ONE_SOURCE);

/** Options of `csv`. */
export const CsvOptions = z
  .strictObject({
    ...tableOptions,
    /** The character between fields, such as `;` or a tab. */
    delimiter: z.string().length(1, 'it must be one character').default(','),
  })
  .refine(hasOneSource, ONE_SOURCE);

/** Parsed options of `csv`. */
export type CsvOptions = z.output<typeof CsvOptions>;

/** Parsed options. */
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

/** The definition of the dataset with these options. */
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

/** The definition of such a plugin until its options are known. */
export const UNTIL_OPTIONS = {
  splits: ['test'],
  licence: 'as the option says',
  source: { text: 'files of your own' },
  scorer: 'exact',
  scale: [0, 1],
  label: 'correct',
} as const satisfies DatasetFacts;

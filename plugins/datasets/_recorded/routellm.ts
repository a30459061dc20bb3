/**
 * Files of the RouteLLM repository: questions in CSV with one column per model, and the questions
 * in its training data.
 */
import {
  HarnessError,
  z,
  type DatasetRow,
  type Files,
  type RecordedOutcome,
} from '../../../core/index.js';
import { csvRecords, jsonlRecords } from '../_table/records.js';

/** Options of every RouteLLM dataset. */
export const routeLlmOptions = {
  /** A checkout of lm-sys/RouteLLM. */
  folder: z.string().min(1),
  /**
   * Leave out questions that are in the training data of RouteLLM's routers, as its evaluation
   * does.
   */
  contaminated: z.enum(['drop', 'keep']).default('drop'),
};

/** A file of the checkout. */
export const routeLlmPath = (folder: string, file: string): string =>
  `${folder.replace(/\/+$/, '')}/routellm/evals/${file}`;

/** Prompts to leave out. */
export async function contaminatedPrompts(
  files: Files,
  path: string,
  rule: 'drop' | 'keep',
): Promise<ReadonlySet<string>> {
  const prompts = new Set<string>();
  if (rule === 'keep') return prompts;
  for await (const { record } of jsonlRecords(files, path))
    prompts.add(String(record['eval_prompt']));
  return prompts;
}

const TEXT = '_response';

/**
 * The outcome of each model in a line: one column says whether it was right, another may contain
 * its text.
 */
function parseOutcomes(
  record: Readonly<Record<string, unknown>>,
  location: { readonly file: string; readonly line: number },
): Readonly<Record<string, RecordedOutcome>> {
  const models = Object.keys(record).filter(
    (column) => column !== 'prompt' && !column.endsWith(TEXT),
  );
  return Object.fromEntries(
    models.map((model): [string, RecordedOutcome] => {
      const right = record[model];
      if (right !== 'True' && right !== 'False')
        throw new HarnessError('invalidRow', {
          ...location,
          problem: `has ${JSON.stringify(right)} for ${model}, expected True or False`,
        });
      const text = record[`${model}${TEXT}`];
      return [
        model,
        { grade: right === 'True' ? 1 : 0, ...(typeof text === 'string' ? { text } : {}) },
      ];
    }),
  );
}

/** Rows of one CSV file. */
export async function* routeLlmRows(
  files: Files,
  path: string,
  dataset: {
    readonly name: string;
    readonly domain: string;
    readonly group?: string;
    readonly without: ReadonlySet<string>;
    readonly getReference?: (prompt: string) => string | undefined;
  },
): AsyncGenerator<DatasetRow> {
  let number = 0;
  for await (const { record, line } of csvRecords(files, path)) {
    number++;
    const { prompt } = record;
    if (typeof prompt !== 'string' || prompt.trim() === '')
      throw new HarnessError('invalidRow', { file: path, line, problem: 'has no prompt' });
    if (dataset.without.has(prompt)) continue;
    yield {
      id: `${dataset.name}-${number}`,
      prompt,
      reference: dataset.getReference?.(prompt) ?? [],
      domain: dataset.domain,
      ...(dataset.group === undefined ? {} : { group: dataset.group }),
      recorded: parseOutcomes(record, { file: path, line }),
    };
  }
}

import {
  dataset,
  FILES,
  HarnessError,
  inject,
  getErrorMessage,
  isObject,
  parseJson,
  OPTIONS,
  z,
  type Dataset,
  type DatasetRow,
  type Files,
  type RecordedOutcome,
} from '../../core/index.js';
import { createHash } from 'node:crypto';
import { RECORDED } from './_recorded/definition.js';
import { Gathered } from './_recorded/merge-rows.js';
import { csvRecords, jsonlRecords } from './_table/records.js';

const Options = z.strictObject({
  /**
   * Split → routing data: .jsonl or .csv with one line per question and model, or .json with all
   * scores of a question together.
   */
  splits: z
    .record(z.string(), z.string().min(1))
    .refine((splits) => Object.keys(splits).length > 0, 'name at least one split'),
  /**
   * The file of candidates: its prices (US dollars per million tokens) turn recorded tokens into
   * costs.
   */
  candidates: z.string().min(1).optional(),
  label: z.enum(['correct', 'at-least-strong']).default('at-least-strong'),
  threshold: z.number().min(0).max(1).default(1),
});
type Options = z.output<typeof Options>;

interface Price {
  readonly prompt: number;
  readonly completion: number;
}

const number = (value: unknown): number | undefined =>
  value === '' || value === null || value === undefined || !Number.isFinite(Number(value))
    ? undefined
    : Number(value);
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined;

const parseOutcome = (given: unknown): RecordedOutcome => {
  const grade = number(given);
  return grade !== undefined && grade >= 0 && grade <= 1
    ? { grade }
    : {
        grade: null,
        reason:
          grade === undefined
            ? 'no score was recorded'
            : `the score ${grade} is not between 0 and 1`,
      };
};

/** The files have no question ids: the id consists of task and question. */
const buildId = (task: string, query: string): string =>
  `${task}-${createHash('sha256').update(query).digest('hex').slice(0, 12)}`;

/**
 * LLMRouter's routing data: the score of every candidate model on every question, so that any two
 * can be the weak and the strong model.
 */
@dataset({
  name: 'llmrouter',
  summary:
    'LLMRouter: recorded scores of many models on each question; any two are weak and strong',
  ...RECORDED,
  label: 'at-least-strong',
  licence: 'MIT',
  source: { text: 'github.com/ulab-uiuc/LLMRouter: routing data' },
  options: Options,
  depends: ({ splits, label, threshold }) => ({ splits: Object.keys(splits), label, threshold }),
})
export class LlmRouter implements Dataset {
  constructor(
    @inject(OPTIONS) private readonly options: Options,
    @inject(FILES) private readonly files: Files,
  ) {}

  readonly read = (split: string) => this.#rows(this.options.splits[split] as string);

  async *#rows(file: string): AsyncGenerator<DatasetRow> {
    const gathered = new Gathered();
    if (file.endsWith('.json')) await this.#together(file, gathered);
    else await this.#apart(file, gathered);
    yield* gathered.rows();
  }

  async #json(file: string): Promise<unknown> {
    const bytes = await this.files.bytes(file);
    try {
      return parseJson(new TextDecoder().decode(bytes)) as unknown;
    } catch (cause) {
      throw new HarnessError(
        'invalidJson',
        { file, line: 1, problem: getErrorMessage(cause) },
        { cause },
      );
    }
  }

  /** `[{ question, scores: { model: score } }]` */
  async #together(file: string, gathered: Gathered): Promise<void> {
    const entries = await this.#json(file);
    if (!Array.isArray(entries))
      throw new HarnessError('invalidRow', {
        file,
        line: 1,
        problem: 'is not a list of questions',
      });
    for (const [i, entry] of (entries as unknown[]).entries()) {
      const location = { file, line: i + 1 };
      const given = isObject(entry) ? entry : {};
      const query = text(given['question'] ?? given['query']);
      const { scores } = given;
      if (query === undefined || !isObject(scores))
        throw new HarnessError('invalidRow', {
          ...location,
          problem: '(entry of the list) has no question and scores',
        });
      const task = text(given['task_name']) ?? 'question';
      for (const [model, score] of Object.entries(scores))
        gathered.add(
          { id: buildId(task, query), prompt: query, reference: [], domain: task },
          model,
          parseOutcome(score),
          location,
        );
    }
  }

  /** One line per question and model. */
  async #apart(file: string, gathered: Gathered): Promise<void> {
    const prices = await this.#prices();
    const read = file.endsWith('.csv') ? csvRecords : jsonlRecords;
    for await (const { record, line } of read(this.files, file)) {
      const [query, model] = [text(record['query']), text(record['model_name'])];
      if (query === undefined || model === undefined)
        throw new HarnessError('invalidRow', {
          file,
          line,
          problem: 'has no query and model_name',
        });
      const task = text(record['task_name']) ?? 'question';
      const [prompt, completion] = [
        number(record['prompt_tokens'] ?? record['input_tokens']),
        number(record['completion_tokens'] ?? record['output_tokens']),
      ];
      const price = prices.get(model);
      const answer = text(record['response']);
      gathered.add(
        {
          id: buildId(task, query),
          prompt: query,
          reference: text(record['ground_truth']) ?? [],
          domain: task,
        },
        model,
        {
          ...parseOutcome(record['performance']),
          ...(answer === undefined ? {} : { text: answer }),
          ...(prompt === undefined || completion === undefined
            ? {}
            : { usage: { prompt, completion } }),
          ...(prompt === undefined || completion === undefined || price === undefined
            ? {}
            : { cost: (prompt * price.prompt + completion * price.completion) / 1e6 }),
        },
        { file, line },
      );
    }
  }

  async #prices(): Promise<ReadonlyMap<string, Price>> {
    const { candidates } = this.options;
    const listed = candidates === undefined ? {} : await this.#json(candidates);
    const prices = new Map<string, Price>();
    for (const [model, facts] of Object.entries(isObject(listed) ? listed : {})) {
      const [prompt, completion] = isObject(facts)
        ? [number(facts['input_price']), number(facts['output_price'])]
        : [];
      if (prompt !== undefined && completion !== undefined)
        prices.set(model, { prompt, completion });
    }
    return prices;
  }
}

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
import { RECORDED } from './_recorded/definition.js';
import { Gathered } from './_recorded/merge-rows.js';
import { part } from './_recorded/split.js';
import { jsonlRecords } from './_table/records.js';

const Options = z
  .strictObject({
    /** A checkout of RouteWorks/RouterArena. */
    folder: z.string().min(1),
    /** Files of cached_results, without their ending: one per model. */
    models: z.array(z.string().min(1)).default([]),
    /**
     * Files of router_inference/predictions, without their ending: the models that a router chose,
     * and the router as a whole as `router:<file>`.
     */
    predictions: z.array(z.string().min(1)).default([]),
    label: z.enum(['correct', 'at-least-strong']).default('correct'),
    /** Grade from which an answer counts as right. */
    threshold: z.number().min(0).max(1).default(1),
  })
  .refine(
    ({ models, predictions }) => models.length + predictions.length > 0,
    'name at least one of `models` and `predictions`',
  );
type Options = z.output<typeof Options>;

const amount = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;

/** `AIME_112` belongs to AIME. */
const getDomain = (id: string): string => id.replace(/_\d+$/, '') || 'general';

/** Why there is no grade. A metric of RouterArena can be negative. */
function reasonFor({ grade, error }: { readonly grade: unknown; readonly error: unknown }): string {
  if (typeof grade === 'number') return `the score ${grade} is not between 0 and 1`;
  return typeof error === 'string' && error !== '' ? error : 'it was not evaluated';
}

/** Combines a grade with its cost, usage and text. */
function parseOutcome(record: {
  readonly grade: unknown;
  readonly cost: unknown;
  readonly usage: unknown;
  readonly text: unknown;
  readonly error: unknown;
}): RecordedOutcome {
  const grade =
    typeof record.grade === 'number' && record.grade >= 0 && record.grade <= 1
      ? record.grade
      : null;
  const usage = isObject(record.usage) ? record.usage : {};
  const [prompt, completion, cost] = [
    amount(usage['input_tokens']),
    amount(usage['output_tokens']),
    amount(record.cost),
  ];
  return {
    ...(grade === null ? { grade, reason: reasonFor(record) } : { grade }),
    ...(typeof record.text === 'string' ? { text: record.text } : {}),
    ...(prompt === undefined || completion === undefined ? {} : { usage: { prompt, completion } }),
    ...(cost === undefined ? {} : { cost }),
  };
}

/**
 * Recordings of RouterArena: the answers of models with cost and grade, and the choices of routers.
 */
@dataset({
  name: 'routerarena',
  summary: 'RouterArena: recorded answers, grades and costs of models, and the choices of routers',
  ...RECORDED,
  licence: 'Apache-2.0',
  source: {
    text: 'github.com/RouteWorks/RouterArena: cached_results, router_inference/predictions',
  },
  options: Options,
  depends: ({ label, threshold }) => ({ label, threshold }),
})
export class RouterArena implements Dataset {
  constructor(
    @inject(OPTIONS) private readonly options: Options,
    @inject(FILES) private readonly files: Files,
  ) {}

  readonly read = (split: string) => part(this.#rows(), split);

  async *#rows(): AsyncGenerator<DatasetRow> {
    const gathered = new Gathered();
    const folder = this.options.folder.replace(/\/+$/, '');
    for (const model of this.options.models)
      await this.#cached(`${folder}/cached_results/${model}.jsonl`, model, gathered);
    for (const name of this.options.predictions)
      await this.#predicted(`${folder}/router_inference/predictions/${name}.json`, name, gathered);
    yield* gathered.rows();
  }

  async #cached(file: string, model: string, gathered: Gathered): Promise<void> {
    for await (const { record, line } of jsonlRecords(this.files, file)) {
      const {
        global_index: id,
        question: prompt,
        evaluation_result,
        token_usage: usage,
        generated_answer: text,
        error,
      } = record;
      if (typeof id !== 'string' || typeof prompt !== 'string')
        throw new HarnessError('invalidRow', {
          file,
          line,
          problem: 'has no global_index and question',
        });
      const evaluation = isObject(evaluation_result) ? evaluation_result : {};
      const reference = evaluation['ground_truth'];
      const known = typeof reference === 'string' && reference !== '' ? reference : [];
      gathered.add(
        { id, prompt, reference: known, domain: getDomain(id) },
        model,
        parseOutcome({
          grade: evaluation['score'],
          cost: evaluation['inference_cost'],
          usage,
          text,
          error,
        }),
        { file, line },
      );
    }
  }

  async #predicted(file: string, name: string, gathered: Gathered): Promise<void> {
    let entries: unknown;
    try {
      entries = parseJson(new TextDecoder().decode(await this.files.bytes(file)));
    } catch (cause) {
      if (cause instanceof HarnessError) throw cause;
      throw new HarnessError(
        'invalidJson',
        { file, line: 1, problem: getErrorMessage(cause) },
        { cause },
      );
    }
    if (!Array.isArray(entries))
      throw new HarnessError('invalidRow', {
        file,
        line: 1,
        problem: 'is not a list of predictions',
      });
    for (const [i, entry] of entries.entries()) {
      const location = { file, line: i + 1 };
      const given = isObject(entry) ? entry : {};
      const { prompt, prediction, cost, accuracy, generated_result, for_optimality } = given;
      const id = given['global index'];
      if (typeof id !== 'string' || typeof prompt !== 'string' || typeof prediction !== 'string')
        throw new HarnessError('invalidRow', {
          ...location,
          problem: '(entry of the list) has no global index, prompt and prediction',
        });
      const answer = isObject(generated_result) ? generated_result : {};
      const outcome = parseOutcome({
        grade: accuracy,
        cost,
        usage: answer['token_usage'],
        text: answer['generated_answer'],
        error: answer['error'],
      });
      const row = { id, prompt, reference: [], domain: getDomain(id) };
      // several routers may have sent one question to one model, and it may be in cached_results
      const known = gathered.find(id, prediction);
      if (known === undefined) gathered.add(row, prediction, outcome, location);
      // the other rows were requested only to find the best choice
      if (for_optimality !== true)
        gathered.add(
          row,
          `router:${name}`,
          outcome.grade === null ? (known ?? outcome) : outcome,
          location,
        );
    }
  }
}

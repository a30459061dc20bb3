import {
  dataset,
  FILES,
  HarnessError,
  inject,
  OPTIONS,
  z,
  type Dataset,
  type DatasetRow,
  type Files,
  type RecordedOutcome,
} from '../../core/index.js';
import { RECORDED } from './_recorded/definition.js';
import { contaminatedPrompts, routeLlmOptions, routeLlmPath } from './_recorded/routellm.js';
import { part } from './_recorded/split.js';
import { jsonlRecords } from './_table/records.js';

const Options = z.strictObject(routeLlmOptions);
type Options = z.output<typeof Options>;

/** Highest rating of the judges; the lowest is 1. */
const TOP = 10;

/**
 * MT-Bench as recorded by RouteLLM: the mean rating of both turns, divided by 10. The first turn is
 * the query.
 */
@dataset({
  name: 'routellm-mt-bench',
  summary:
    'RouteLLM on MT-Bench: recorded ratings of Mixtral-8x7B and GPT-4, mean of two turns, divided by 10',
  ...RECORDED,
  label: 'at-least-strong',
  licence: 'Apache-2.0',
  source: { text: 'github.com/lm-sys/RouteLLM: routellm/evals/mt_bench' },
  options: Options,
})
export class RouteLlmMtBench implements Dataset {
  constructor(
    @inject(OPTIONS) private readonly options: Options,
    @inject(FILES) private readonly files: Files,
  ) {}

  readonly read = (split: string) => part(this.#rows(), split);

  async *#rows(): AsyncGenerator<DatasetRow> {
    const path = (file: string): string => routeLlmPath(this.options.folder, `mt_bench/${file}`);
    const ratings = await this.#ratings(path('judgements.jsonl'));
    const without = await contaminatedPrompts(
      this.files,
      path('contaminated_prompts.jsonl'),
      this.options.contaminated,
    );
    for await (const { record, line } of jsonlRecords(this.files, path('question.jsonl'))) {
      const turns = record['turns'];
      if (!Array.isArray(turns) || typeof turns[0] !== 'string')
        throw new HarnessError('invalidRow', {
          file: path('question.jsonl'),
          line,
          problem: 'has no turns',
        });
      const [prompt, ...further] = turns.map(String) as [string, ...string[]];
      if ([prompt, ...further].some((turn) => without.has(turn))) continue;
      const id = String(record['question_id']);
      const recorded = Object.fromEntries(
        [...(ratings.get(id) ?? [])].map(([model, scores]): [string, RecordedOutcome] => [
          model,
          scores.length === turns.length
            ? { grade: scores.reduce((sum, score) => sum + score, 0) / scores.length / TOP }
            : { grade: null, reason: `${scores.length} of ${turns.length} turns were rated` },
        ]),
      );
      yield {
        id: `mt-bench-${id}`,
        prompt,
        reference: [],
        domain: String(record['category']),
        turns: further,
        recorded,
      };
    }
  }

  /**
   * Question → model → its ratings; a rating outside 1 to 10 means that the judge failed, and is
   * left out.
   */
  async #ratings(
    path: string,
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>> {
    const ratings = new Map<string, Map<string, number[]>>();
    for await (const { record } of jsonlRecords(this.files, path)) {
      const { question_id, model, score } = record;
      if (typeof score !== 'number' || score < 1 || score > TOP) continue;
      const modelRatings = ratings.get(String(question_id)) ?? new Map<string, number[]>();
      ratings.set(String(question_id), modelRatings);
      modelRatings.set(String(model), [...(modelRatings.get(String(model)) ?? []), score]);
    }
    return ratings;
  }
}

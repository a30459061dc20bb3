import {
  dataset,
  FILES,
  inject,
  OPTIONS,
  z,
  type Dataset,
  type DatasetRow,
  type Files,
} from '../../core/index.js';
import { RECORDED } from './_recorded/definition.js';
import {
  contaminatedPrompts,
  routeLlmOptions,
  routeLlmPath,
  routeLlmRows,
} from './_recorded/routellm.js';
import { part } from './_recorded/split.js';
import { jsonlRecords } from './_table/records.js';

const Options = z.strictObject(routeLlmOptions);
type Options = z.output<typeof Options>;

/**
 * GSM8K as recorded by RouteLLM: the answers of Mixtral-8x7B and GPT-4, and whether they were
 * right.
 */
@dataset({
  name: 'routellm-gsm8k',
  summary: 'RouteLLM on GSM8K: recorded answers and outcomes of Mixtral-8x7B and GPT-4',
  ...RECORDED,
  licence: 'Apache-2.0 (questions: MIT)',
  source: { text: 'github.com/lm-sys/RouteLLM: routellm/evals/gsm8k' },
  options: Options,
})
export class RouteLlmGsm8k implements Dataset {
  constructor(
    @inject(OPTIONS) private readonly options: Options,
    @inject(FILES) private readonly files: Files,
  ) {}

  readonly read = (split: string) => part(this.#rows(), split);

  async *#rows(): AsyncGenerator<DatasetRow> {
    const { folder, contaminated } = this.options;
    const path = (file: string): string => routeLlmPath(folder, `gsm8k/${file}`);
    const without = await contaminatedPrompts(
      this.files,
      path('contaminated_prompts.jsonl'),
      contaminated,
    );
    const references = new Map<string, string>();
    for await (const { record } of jsonlRecords(this.files, path('test.jsonl'))) {
      const answer = /####\s*(\S.*)$/.exec(String(record['answer']).trim())?.[1];
      if (answer !== undefined) references.set(String(record['question']), answer);
    }
    yield* routeLlmRows(this.files, path('gsm8k_responses.csv'), {
      name: 'gsm8k',
      domain: 'grade-school-mathematics',
      without,
      getReference: (prompt) => references.get(prompt),
    });
  }
}

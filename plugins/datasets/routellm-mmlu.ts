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
import { MMLU_GROUPS, type MmluGroup } from './_recorded/mmlu-groups.js';
import {
  contaminatedPrompts,
  routeLlmOptions,
  routeLlmPath,
  routeLlmRows,
} from './_recorded/routellm.js';
import { part } from './_recorded/split.js';

const GROUPS = Object.keys(MMLU_GROUPS) as [MmluGroup, ...MmluGroup[]];

const Options = z.strictObject({
  ...routeLlmOptions,
  /** Only the subjects of these groups. */
  groups: z.array(z.enum(GROUPS)).min(1).default(GROUPS),
});
type Options = z.output<typeof Options>;

/** MMLU as recorded by RouteLLM: whether Mixtral-8x7B and GPT-4 were right on each question. */
@dataset({
  name: 'routellm-mmlu',
  summary:
    'RouteLLM on MMLU: recorded outcomes of Mixtral-8x7B and GPT-4, 57 subjects in four groups',
  ...RECORDED,
  licence: 'Apache-2.0 (questions: MIT)',
  source: { text: 'github.com/lm-sys/RouteLLM: routellm/evals/mmlu' },
  options: Options,
})
export class RouteLlmMmlu implements Dataset {
  constructor(
    @inject(OPTIONS) private readonly options: Options,
    @inject(FILES) private readonly files: Files,
  ) {}

  readonly read = (split: string) => part(this.#rows(), split);

  async *#rows(): AsyncGenerator<DatasetRow> {
    const { folder, contaminated, groups } = this.options;
    const without = await contaminatedPrompts(
      this.files,
      routeLlmPath(folder, 'mmlu/contaminated_prompts.jsonl'),
      contaminated,
    );
    for (const group of groups) {
      for (const subject of MMLU_GROUPS[group]) {
        yield* routeLlmRows(
          this.files,
          routeLlmPath(folder, `mmlu/responses/mmlu_${subject}.csv`),
          { name: `mmlu-${subject}`, domain: subject, group, without },
        );
      }
    }
  }
}

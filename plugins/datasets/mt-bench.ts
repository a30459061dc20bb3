import {
  dataset,
  FILES,
  HarnessError,
  inject,
  type Dataset,
  type DatasetRow,
  type Files,
} from '../../core/index.js';
import { jsonlRecords } from './_table/records.js';
import { upstreamFile } from './_upstream/files.js';

const QUESTIONS = upstreamFile('llmjudge/mt_bench/question.jsonl');
const REFERENCES = upstreamFile('llmjudge/mt_bench/reference_answer/gpt-4.jsonl');

interface Question {
  readonly question_id: number;
  readonly category: string;
  readonly turns: readonly string[];
}

interface Reference {
  readonly question_id: number;
  readonly choices: readonly { readonly turns: readonly string[] }[];
}

/** Temperatures for answers by category (Zheng et al. 2023); 0 for all others. */
const TEMPERATURES: Readonly<Record<string, number>> = {
  writing: 0.7,
  roleplay: 0.7,
  stem: 0.1,
  humanities: 0.1,
};

const texts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');

/**
 * 80 conversations of two turns in eight categories; mathematics, reasoning and coding have
 * reference answers. The first turn is the query.
 */
@dataset({
  name: 'mt-bench',
  summary: 'MT-Bench: 80 conversations of two turns; the first turn is the query',
  aliases: ['mt_bench', 'mtbench'],
  splits: ['test'],
  licence: 'Apache-2.0',
  source: {
    text: `${QUESTIONS.origin}: ${QUESTIONS.path}; ${REFERENCES.path}`,
    checksum: [QUESTIONS, REFERENCES]
      .map(({ check }) => ('gitBlob' in check ? `git blob ${check.gitBlob}` : check.sha256))
      .join(', '),
  },
  scorer: 'llm-judge',
  scale: [1, 10],
  label: 'at-least-strong',
})
export class MtBench implements Dataset {
  constructor(@inject(FILES) private readonly files: Files) {}

  readonly read = (_split: string) => this.#rows();

  async *#rows(): AsyncGenerator<DatasetRow> {
    const references = new Map<number, readonly string[]>();
    for await (const { record } of jsonlRecords(this.files, await this.files.fetch(REFERENCES))) {
      const { question_id, choices } = record as unknown as Reference;
      references.set(question_id, choices[0]?.turns ?? []);
    }
    const file = await this.files.fetch(QUESTIONS);
    for await (const { record, line } of jsonlRecords(this.files, file)) {
      const { question_id, category, turns } = record as unknown as Question;
      if (!texts(turns))
        throw new HarnessError('invalidRow', { file, line, problem: 'has no turns' });
      const [prompt, ...further] = turns as [string, ...string[]];
      yield {
        id: `mt-bench-${question_id}`,
        prompt,
        reference: references.get(question_id) ?? [],
        domain: category,
        turns: further,
        temperature: TEMPERATURES[category] ?? 0,
      };
    }
  }
}

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
} from '../../core/index.js';
import { getLetter, type TableRecord } from './_table/field.js';
import { hubFile, HubFile, hubOptions } from './_table/hub.js';
import { recordsFor } from './_table/records.js';

const REVISION = '0fb93dd23a7339b6dcd27e241cb9b5eca62d4d18';
const FILE = {
  path: 'phrases_no_exclude_test.jsonl',
  sha256: 'c3b905ccfa66152dc25afbcb2c10e86c0bdb208824f0658fcdb2c040f60a2beb',
};

const Options = z.strictObject({
  /** Number of questions, from the start of the file. */
  rows: z.int().positive().default(1000),
  repo: hubOptions.repo.default('GBaker/MedQA-USMLE-4-options'),
  revision: hubOptions.revision.default(REVISION),
  file: HubFile.default(FILE),
});
type Options = z.output<typeof Options>;

/** Options as an array of texts, of `{ key, value }`, or as an object from letter to text. */
function parseChoices(given: unknown): readonly string[] {
  if (Array.isArray(given))
    return given.map((item: unknown) =>
      typeof item === 'object' && item !== null
        ? String((item as TableRecord)['value'] ?? (item as TableRecord)['text'])
        : String(item),
    );
  if (typeof given === 'object' && given !== null)
    return Object.keys(given)
      .sort()
      .map((letter) => String((given as TableRecord)[letter]));
  return [];
}

/** The right option: by its letter or index, else by its text. */
function findRightChoice({ answer_idx, answer }: TableRecord, choices: readonly string[]): number {
  for (const given of [answer_idx, Array.isArray(answer) ? (answer as unknown[])[0] : answer]) {
    if (typeof given === 'number') return given;
    if (typeof given !== 'string') continue;
    const index = choices.findIndex(
      (choice, i) => given === choice || given.toUpperCase() === getLetter(i),
    );
    if (index >= 0) return index;
  }
  return -1;
}

/**
 * Medical multiple choice, the first questions of the test split of MedQA, with four options.
 * Another copy (repository, revision, file and SHA-256) may have five options, or be Parquet.
 */
@dataset({
  name: 'med-qa-1k',
  summary: 'MedQA: the first 1,000 medical test questions, from Hugging Face',
  aliases: ['med_qa_1k', 'med-qa', 'med_qa'],
  splits: ['test'],
  licence: 'MIT',
  source: {
    text: `huggingface.co/datasets/GBaker/MedQA-USMLE-4-options at ${REVISION}: ${FILE.path}, or as the options say`,
    checksum: `SHA-256 ${FILE.sha256}`,
  },
  scorer: ['choice', 'xverify'],
  scale: [0, 1],
  label: 'correct',
  options: Options,
})
export class MedQa1k implements Dataset {
  constructor(
    @inject(OPTIONS) private readonly options: Options,
    @inject(FILES) private readonly files: Files,
  ) {}

  readonly read = (_split: string) => this.#rows();

  async *#rows(): AsyncGenerator<DatasetRow> {
    const { file, rows } = this.options;
    const path = await this.files.fetch(hubFile(this.options, file, this.files.huggingFaceUrl));
    let number = 0;
    for await (const { record, line } of recordsFor(file.path)(this.files, path)) {
      if (++number > rows) return;
      const choices = parseChoices(record['options'] ?? record['choices']);
      const right = findRightChoice(record, choices);
      const question = record['question'];
      if (typeof question !== 'string' || choices.length < 2)
        throw new HarnessError('invalidRow', {
          file: file.path,
          line,
          problem: 'has no question with options',
        });
      if (right < 0 || right >= choices.length)
        throw new HarnessError('invalidRow', {
          file: file.path,
          line,
          problem: 'has no answer among its options',
        });
      const lettered = choices.map((choice, i) => `${getLetter(i)}. ${choice}`);
      yield {
        id: `med-qa-${number}`,
        prompt: `${question}\n\nOptions:\n${lettered.join('\n')}\n\nAnswer with the letter of the right option.`,
        reference: lettered[right] as string,
        domain: 'medicine',
        choices,
      };
    }
  }
}

import { dataset, FILES, inject, OPTIONS, z, type Dataset, type DatasetRow, type Files } from '../../core/index.js';
import { hubFile, HubFile, hubOptions } from './_table/hub.js';
import { parquetRecords } from './_table/records.js';

const Options = z.strictObject({
  /** The first so many rows. */
  rows: z.int().positive().default(10000),
  repo: hubOptions.repo.default('tatsu-lab/alpaca'),
  revision: hubOptions.revision,
  file: HubFile,
});
type Options = z.output<typeof Options>;

const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

/** The first rows of the whole Alpaca, to be fitted on. Rows without an output are left out. Revision and SHA-256 are the user's to pin. */
@dataset({
  name: 'alpaca',
  summary: 'The first rows of the whole Alpaca, from Hugging Face: to fit on',
  splits: ['train'],
  licence: 'CC-BY-NC-4.0',
  source: { text: 'huggingface.co/datasets/tatsu-lab/alpaca at the revision of the options' },
  scorer: 'llm-judge',
  scale: [1, 10],
  label: 'at-least-strong',
  options: Options,
})
export class Alpaca implements Dataset {
  constructor(
    @inject(OPTIONS) private readonly options: Options,
    @inject(FILES) private readonly files: Files,
  ) {}

  readonly read = (_split: string) => this.#rows();

  async *#rows(): AsyncGenerator<DatasetRow> {
    const path = await this.files.fetch(hubFile(this.options, this.options.file, this.files.huggingFaceUrl));
    for await (const { record, line } of parquetRecords(this.files, path)) {
      if (line > this.options.rows) return;
      const [instruction, input, output] = [text(record['instruction']), text(record['input']), text(record['output'])];
      if (instruction === '' || output === '') continue;
      yield { id: `alpaca-${line}`, prompt: input === '' ? instruction : `${instruction}\n${input}`, reference: output, domain: 'instructions' };
    }
  }
}

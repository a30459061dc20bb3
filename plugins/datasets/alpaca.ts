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
import { hubFile, HubFile, hubOptions } from './_table/hub.js';
import { parquetRecords } from './_table/parquet-records.js';

const REVISION = 'dce01c9b08f87459cf36a430d809084718273017';
const FILE = {
  path: 'data/train-00000-of-00001-a09b74b3ef9c3b56.parquet',
  sha256: '06391b656a06fd3fb9d213160ef2398796c3b7f3dc75ef1e3ced30d461517073',
};

const Options = z.strictObject({
  /** Number of rows, from the start of the file. */
  rows: z.int().positive().default(10000),
  repo: hubOptions.repo.default('tatsu-lab/alpaca'),
  revision: hubOptions.revision.default(REVISION),
  file: HubFile.default(FILE),
});
type Options = z.output<typeof Options>;

const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

/**
 * The first rows of the full Alpaca dataset, for fitting. Rows without an output are left out. The
 * revision and file can be changed, with their SHA-256.
 */
@dataset({
  name: 'alpaca',
  summary: 'The first rows of the whole Alpaca, from Hugging Face: to fit on',
  splits: ['train'],
  licence: 'CC-BY-NC-4.0',
  source: {
    text: `huggingface.co/datasets/tatsu-lab/alpaca at ${REVISION}: ${FILE.path}, or as the options say`,
    checksum: `SHA-256 ${FILE.sha256}`,
  },
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
    const path = await this.files.fetch(
      hubFile(this.options, this.options.file, this.files.huggingFaceUrl),
    );
    for await (const { record, line } of parquetRecords(this.files, path)) {
      if (line > this.options.rows) return;
      const [instruction, input, output] = [
        text(record['instruction']),
        text(record['input']),
        text(record['output']),
      ];
      if (instruction === '' || output === '') continue;
      yield {
        id: `alpaca-${line}`,
        prompt: input === '' ? instruction : `${instruction}\n${input}`,
        reference: output,
        domain: 'instructions',
      };
    }
  }
}

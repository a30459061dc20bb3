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
import { buildFacts, rowOptions, UNTIL_OPTIONS } from './_table/options.js';
import { recordsFor } from './_table/records.js';
import { readRows } from './_table/table.js';

const Options = z.strictObject({
  ...hubOptions,
  /** Split → its file or files: JSON lines, CSV or Parquet, by their endings. */
  splits: z
    .record(z.string(), z.union([HubFile, z.array(HubFile).min(1)]))
    .refine((splits) => Object.keys(splits).length > 0, 'name at least one split'),
  ...rowOptions,
});
type Options = z.output<typeof Options>;

/** Rows of a dataset on Hugging Face: pinned files, downloaded once, checked by SHA-256. */
@dataset({
  name: 'huggingface',
  summary:
    'A data set on Hugging Face at a pinned revision: JSON lines, CSV or Parquet, with a field map',
  ...UNTIL_OPTIONS,
  source: { text: 'huggingface.co, as the options say' },
  options: Options,
  depends: (options) =>
    buildFacts(
      options,
      Object.keys(options.splits),
      `huggingface.co/datasets/${options.repo} at ${options.revision}`,
    ),
})
export class HuggingFace implements Dataset {
  constructor(
    @inject(OPTIONS) private readonly options: Options,
    @inject(FILES) private readonly files: Files,
  ) {}

  readonly read = async function* (this: HuggingFace, split: string): AsyncGenerator<DatasetRow> {
    const pinned = [this.options.splits[split] ?? []].flat();
    const paths: { path: string; shown: string }[] = [];
    for (const file of pinned)
      paths.push({
        path: await this.files.fetch(hubFile(this.options, file, this.files.huggingFaceUrl)),
        shown: file.path,
      });
    yield* readRows(this.files, paths, split, this.options, recordsFor);
  };
}

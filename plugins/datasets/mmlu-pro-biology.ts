import { dataset, FILES, inject, type Dataset, type Files } from '../../core/index.js';
import { upstreamDefinition, upstreamReader, type UpstreamSet } from './_upstream/definition.js';

const SET: UpstreamSet = {
  name: 'mmlu-pro-biology',
  summary: 'MMLU-Pro, biology: up to ten options',
  kind: 'choice',
  domain: 'biology',
  licence: 'MIT',
  splits: { test: 'mmlu_pro/biology_converted.jsonl' },
};

/** Harder multiple choice: biology. */
@dataset(upstreamDefinition(SET))
export class MmluProBiology implements Dataset {
  constructor(@inject(FILES) private readonly files: Files) {}

  readonly read = (split: string) => upstreamReader(SET, this.files)(split);
}

import { dataset, FILES, inject, type Dataset, type Files } from '../../core/index.js';
import { upstreamDefinition, upstreamReader, type UpstreamSet } from './_upstream/definition.js';

const SET: UpstreamSet = {
  name: 'mmlu-pro-law',
  summary: 'MMLU-Pro, law: up to ten options',
  kind: 'choice',
  domain: 'law',
  licence: 'MIT',
  splits: { test: 'mmlu_pro/law_converted.jsonl' },
};

/** Harder multiple choice: law. */
@dataset(upstreamDefinition(SET))
export class MmluProLaw implements Dataset {
  constructor(@inject(FILES) private readonly files: Files) {}

  readonly read = (split: string) => upstreamReader(SET, this.files)(split);
}

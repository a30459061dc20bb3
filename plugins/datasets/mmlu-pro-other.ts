import { dataset, FILES, inject, type Dataset, type Files } from '../../core/index.js';
import { upstreamDefinition, upstreamReader, type UpstreamSet } from './_upstream/definition.js';

const SET: UpstreamSet = {
  name: 'mmlu-pro-other',
  summary: 'MMLU-Pro, other: up to ten options',
  kind: 'choice',
  domain: 'other',
  licence: 'MIT',
  splits: { test: 'mmlu_pro/other_converted.jsonl' },
};

/** Harder multiple choice: other. */
@dataset(upstreamDefinition(SET))
export class MmluProOther implements Dataset {
  constructor(@inject(FILES) private readonly files: Files) {}

  readonly read = (split: string) => upstreamReader(SET, this.files)(split);
}

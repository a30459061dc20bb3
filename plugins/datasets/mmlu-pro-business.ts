import { dataset, FILES, inject, type Dataset, type Files } from '../../core/index.js';
import { upstreamDefinition, upstreamReader, type UpstreamSet } from './_upstream/definition.js';

const SET: UpstreamSet = {
  name: 'mmlu-pro-business',
  summary: 'MMLU-Pro, business: up to ten options',
  kind: 'choice',
  domain: 'business',
  licence: 'MIT',
  splits: { test: 'mmlu_pro/business_converted.jsonl' },
};

/** Harder multiple choice: business. */
@dataset(upstreamDefinition(SET))
export class MmluProBusiness implements Dataset {
  constructor(@inject(FILES) private readonly files: Files) {}

  readonly read = (split: string) => upstreamReader(SET, this.files)(split);
}

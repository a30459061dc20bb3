import { dataset, FILES, inject, type Dataset, type Files } from '../../core/index.js';
import { upstreamDefinition, upstreamReader, type UpstreamSet } from './_upstream/definition.js';

const SET: UpstreamSet = {
  name: 'mmlu-pro-economics',
  summary: 'MMLU-Pro, economics: up to ten options',
  kind: 'choice',
  domain: 'economics',
  licence: 'MIT',
  splits: { test: 'mmlu_pro/economics_converted.jsonl' },
};

/** Harder multiple choice: economics. */
@dataset(upstreamDefinition(SET))
export class MmluProEconomics implements Dataset {
  constructor(@inject(FILES) private readonly files: Files) {}

  readonly read = (split: string) => upstreamReader(SET, this.files)(split);
}

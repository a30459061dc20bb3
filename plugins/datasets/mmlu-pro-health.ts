import { dataset, FILES, inject, type Dataset, type Files } from '../../core/index.js';
import { upstreamDefinition, upstreamReader, type UpstreamSet } from './_upstream/definition.js';

const SET: UpstreamSet = {
  name: 'mmlu-pro-health',
  summary: 'MMLU-Pro, health: up to ten options',
  kind: 'choice',
  domain: 'health',
  licence: 'MIT',
  splits: { test: 'mmlu_pro/health_converted.jsonl' },
};

/** Harder multiple choice: health. */
@dataset(upstreamDefinition(SET))
export class MmluProHealth implements Dataset {
  constructor(@inject(FILES) private readonly files: Files) {}

  readonly read = (split: string) => upstreamReader(SET, this.files)(split);
}

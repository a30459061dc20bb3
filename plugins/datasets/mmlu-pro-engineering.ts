import { dataset, FILES, inject, type Dataset, type Files } from '../../core/index.js';
import { upstreamDefinition, upstreamReader, type UpstreamSet } from './_upstream/definition.js';

const SET: UpstreamSet = {
  name: 'mmlu-pro-engineering',
  summary: 'MMLU-Pro, engineering: up to ten options',
  kind: 'choice',
  domain: 'engineering',
  licence: 'MIT',
  splits: { test: 'mmlu_pro/engineering_converted.jsonl' },
};

/** Harder multiple choice: engineering. */
@dataset(upstreamDefinition(SET))
export class MmluProEngineering implements Dataset {
  constructor(@inject(FILES) private readonly files: Files) {}

  readonly read = (split: string) => upstreamReader(SET, this.files)(split);
}

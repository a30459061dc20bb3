import { dataset, FILES, inject, type Dataset, type Files } from '../../core/index.js';
import { upstreamDefinition, upstreamReader, type UpstreamSet } from './_upstream/definition.js';

const SET: UpstreamSet = {
  name: 'mmlu-pro-history',
  summary: 'MMLU-Pro, history: up to ten options',
  kind: 'choice',
  domain: 'history',
  licence: 'MIT',
  splits: { test: 'mmlu_pro/history_converted.jsonl' },
};

/** Harder multiple choice: history. */
@dataset(upstreamDefinition(SET))
export class MmluProHistory implements Dataset {
  constructor(@inject(FILES) private readonly files: Files) {}

  readonly read = (split: string) => upstreamReader(SET, this.files)(split);
}

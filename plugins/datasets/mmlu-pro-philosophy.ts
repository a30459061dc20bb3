import { dataset, FILES, inject, type Dataset, type Files } from '../../core/index.js';
import { upstreamDefinition, upstreamReader, type UpstreamSet } from './_upstream/definition.js';

const SET: UpstreamSet = {
  name: 'mmlu-pro-philosophy',
  summary: 'MMLU-Pro, philosophy: up to ten options',
  kind: 'choice',
  domain: 'philosophy',
  licence: 'MIT',
  splits: { test: 'mmlu_pro/philosophy_converted.jsonl' },
};

/** Harder multiple choice: philosophy. */
@dataset(upstreamDefinition(SET))
export class MmluProPhilosophy implements Dataset {
  constructor(@inject(FILES) private readonly files: Files) {}

  readonly read = (split: string) => upstreamReader(SET, this.files)(split);
}

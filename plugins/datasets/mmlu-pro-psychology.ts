import { dataset, FILES, inject, type Dataset, type Files } from '../../core/index.js';
import { upstreamDefinition, upstreamReader, type UpstreamSet } from './_upstream/definition.js';

const SET: UpstreamSet = {
  name: 'mmlu-pro-psychology',
  summary: 'MMLU-Pro, psychology: up to ten options',
  kind: 'choice',
  domain: 'psychology',
  licence: 'MIT',
  splits: { test: 'mmlu_pro/psychology_converted.jsonl' },
};

/** Harder multiple choice: psychology. */
@dataset(upstreamDefinition(SET))
export class MmluProPsychology implements Dataset {
  constructor(@inject(FILES) private readonly files: Files) {}

  readonly read = (split: string) => upstreamReader(SET, this.files)(split);
}

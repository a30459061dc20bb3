import { dataset, FILES, inject, type Dataset, type Files } from '../../core/index.js';
import { upstreamDefinition, upstreamReader, type UpstreamSet } from './_upstream/definition.js';

const SET: UpstreamSet = {
  name: 'mmlu-pro-math',
  summary: 'MMLU-Pro, math: up to ten options',
  kind: 'choice',
  domain: 'math',
  licence: 'MIT',
  splits: { test: 'mmlu_pro/math_converted.jsonl' },
};

/** Harder multiple choice: math. */
@dataset(upstreamDefinition(SET))
export class MmluProMath implements Dataset {
  constructor(@inject(FILES) private readonly files: Files) {}

  readonly read = (split: string) => upstreamReader(SET, this.files)(split);
}

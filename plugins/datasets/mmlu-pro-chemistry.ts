import { dataset, FILES, inject, type Dataset, type Files } from '../../core/index.js';
import { upstreamDefinition, upstreamReader, type UpstreamSet } from './_upstream/definition.js';

const SET: UpstreamSet = {
  name: 'mmlu-pro-chemistry',
  summary: 'MMLU-Pro, chemistry: up to ten options',
  kind: 'choice',
  domain: 'chemistry',
  licence: 'MIT',
  splits: { test: 'mmlu_pro/chemistry_converted.jsonl' },
};

/** Harder multiple choice: chemistry. */
@dataset(upstreamDefinition(SET))
export class MmluProChemistry implements Dataset {
  constructor(@inject(FILES) private readonly files: Files) {}

  readonly read = (split: string) => upstreamReader(SET, this.files)(split);
}

import { dataset, FILES, inject, type Dataset, type Files } from '../../core/index.js';
import { upstreamDefinition, upstreamReader, type UpstreamSet } from './_upstream/definition.js';

const SET: UpstreamSet = {
  name: 'mmlu-pro-computer-science',
  summary: 'MMLU-Pro, computer science: up to ten options',
  kind: 'choice',
  domain: 'computer-science',
  licence: 'MIT',
  splits: { test: 'mmlu_pro/computer_science_converted.jsonl' },
};

/** Harder multiple choice: computer science. */
@dataset(upstreamDefinition(SET))
export class MmluProComputerScience implements Dataset {
  constructor(@inject(FILES) private readonly files: Files) {}

  readonly read = (split: string) => upstreamReader(SET, this.files)(split);
}

import { dataset, FILES, inject, type Dataset, type Files } from '../../core/index.js';
import { upstreamDefinition, upstreamReader, type UpstreamSet } from './_upstream/definition.js';

const SET: UpstreamSet = {
  name: 'numina-cot-5k',
  summary: 'NuminaMath-CoT: 1,000 problems with worked solutions',
  kind: 'math',
  domain: 'mathematics',
  licence: 'Apache-2.0',
  splits: { test: 'numina_cot_5k_test.jsonl' },
};

/** Mathematics whose references are complete solutions; the original has no train file for it. */
@dataset(upstreamDefinition(SET))
export class NuminaCot5k implements Dataset {
  constructor(@inject(FILES) private readonly files: Files) {}

  readonly read = (split: string) => upstreamReader(SET, this.files)(split);
}

import { dataset, FILES, inject, type Dataset, type Files } from '../../core/index.js';
import { upstreamDefinition, upstreamReader, type UpstreamSet } from './_upstream/definition.js';

const SET: UpstreamSet = {
  name: 'magpie-5k',
  summary: 'Instructions of Magpie: 1,000 to test on, and a split to fit on',
  kind: 'general',
  domain: 'instructions',
  licence: 'Llama 3.1 Community License, CC-BY-NC-4.0',
  splits: { train: 'magpie_5k_train.jsonl', test: 'magpie_5k_test.jsonl' },
};

/** Instructions written by a model, sampled from Magpie by the paper's authors. */
@dataset(upstreamDefinition(SET))
export class Magpie5k implements Dataset {
  constructor(@inject(FILES) private readonly files: Files) {}

  readonly read = (split: string) => upstreamReader(SET, this.files)(split);
}

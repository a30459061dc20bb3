import { dataset, FILES, inject, type Dataset, type Files } from '../../core/index.js';
import { upstreamDefinition, upstreamReader, type UpstreamSet } from './_upstream/definition.js';

const SET: UpstreamSet = {
  name: 'alpaca-5k',
  summary: 'Instructions of Alpaca: 4,000 to fit on, 999 to test on',
  kind: 'general',
  domain: 'instructions',
  licence: 'CC-BY-NC-4.0',
  splits: { train: 'alpaca_5k_train.jsonl', test: 'alpaca_5k_test.jsonl' },
};

/** Instructions sampled from Alpaca by the paper's authors. */
@dataset(upstreamDefinition(SET))
export class Alpaca5k implements Dataset {
  constructor(@inject(FILES) private readonly files: Files) {}

  readonly read = (split: string) => upstreamReader(SET, this.files)(split);
}

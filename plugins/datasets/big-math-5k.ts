import { dataset, FILES, inject, type Dataset, type Files } from '../../core/index.js';
import { upstreamDefinition, upstreamReader, type UpstreamSet } from './_upstream/definition.js';

const SET: UpstreamSet = {
  name: 'big-math-5k',
  summary: 'Mathematics from Big-Math: 4,000 to fit on, 1,000 to test on',
  kind: 'math',
  domain: 'mathematics',
  licence: 'Apache-2.0',
  splits: { train: 'big_math_5k_train.jsonl', test: 'big_math_5k_test.jsonl' },
};

/**
 * Mathematics sampled from Big-Math by the paper's authors. Five test questions are in the train
 * split too; the harness does not fit on those.
 */
@dataset(upstreamDefinition(SET))
export class BigMath5k implements Dataset {
  constructor(@inject(FILES) private readonly files: Files) {}

  readonly read = (split: string) => upstreamReader(SET, this.files)(split);
}

import { dataset, FILES, inject, type Dataset, type Files } from '../../core/index.js';
import { upstreamDefinition, upstreamReader, type UpstreamSet } from './_upstream/definition.js';

const SET: UpstreamSet = {
  name: 'mmlu',
  summary: 'MMLU: 4,000 questions to fit on, 10,000 to test on',
  kind: 'choice',
  domain: 'mmlu',
  licence: 'MIT',
  splits: { train: 'mmlu_train.jsonl', test: 'mmlu_test.jsonl' },
};

/** Multiple choice over 57 subjects. */
@dataset(upstreamDefinition(SET))
export class Mmlu implements Dataset {
  constructor(@inject(FILES) private readonly files: Files) {}

  readonly read = (split: string) => upstreamReader(SET, this.files)(split);
}

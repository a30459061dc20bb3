import { dataset, FILES, inject, type Dataset, type Files } from '../../core/index.js';
import { upstreamDefinition, upstreamReader, type UpstreamSet } from './_upstream/definition.js';

const SET: UpstreamSet = {
  name: 'hotpotqa-500',
  summary: 'HotpotQA: 500 questions over several documents, without them',
  kind: 'qa',
  domain: 'qa',
  licence: 'CC-BY-SA-4.0',
  splits: { test: 'hotpotqa_500.jsonl' },
};

/** Questions that need several facts, from the validation split of HotpotQA. */
@dataset(upstreamDefinition(SET))
export class Hotpotqa500 implements Dataset {
  constructor(@inject(FILES) private readonly files: Files) {}

  readonly read = (split: string) => upstreamReader(SET, this.files)(split);
}

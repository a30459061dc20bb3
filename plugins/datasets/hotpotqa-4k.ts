import { dataset, FILES, inject, type Dataset, type Files } from '../../core/index.js';
import { upstreamDefinition, upstreamReader, type UpstreamSet } from './_upstream/definition.js';

const SET: UpstreamSet = {
  name: 'hotpotqa-4k',
  summary: 'HotpotQA: 4,000 questions over several documents, without them',
  kind: 'qa',
  domain: 'qa',
  licence: 'CC-BY-SA-4.0',
  splits: { train: 'hotpotqa_4k.jsonl' },
};

/** Questions that need several facts, from the train split of HotpotQA: for fitting. */
@dataset(upstreamDefinition(SET))
export class Hotpotqa4k implements Dataset {
  constructor(@inject(FILES) private readonly files: Files) {}

  readonly read = (split: string) => upstreamReader(SET, this.files)(split);
}

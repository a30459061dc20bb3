import { dataset, FILES, inject, type Dataset, type Files } from '../../core/index.js';
import { upstreamDefinition, upstreamReader, type UpstreamSet } from './_upstream/definition.js';

const SET: UpstreamSet = {
  name: 'math',
  summary: 'MATH: 5,000 competition problems',
  kind: 'math',
  domain: 'mathematics',
  licence: 'MIT',
  splits: { test: 'math.jsonl' },
};

/** Competition mathematics in seven fields. */
@dataset(upstreamDefinition(SET))
export class Math implements Dataset {
  constructor(@inject(FILES) private readonly files: Files) {}

  readonly read = (split: string) => upstreamReader(SET, this.files)(split);
}

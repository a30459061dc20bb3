import { dataset, FILES, inject, type Dataset, type Files } from '../../core/index.js';
import { upstreamDefinition, upstreamReader, type UpstreamSet } from './_upstream/definition.js';

const SET: UpstreamSet = {
  name: 'mmlu-pro-physics',
  summary: 'MMLU-Pro, physics: up to ten options',
  kind: 'choice',
  domain: 'physics',
  licence: 'MIT',
  splits: { test: 'mmlu_pro/physics_converted.jsonl' },
};

/** Harder multiple choice: physics. */
@dataset(upstreamDefinition(SET))
export class MmluProPhysics implements Dataset {
  constructor(@inject(FILES) private readonly files: Files) {}

  readonly read = (split: string) => upstreamReader(SET, this.files)(split);
}

import {
  hiddenStates,
  inject,
  OPTIONS,
  router,
  type HiddenStates,
  type Router,
} from '../../core/index.js';
import { engineFindings } from './_fit/engine.js';
import { HEAD_SEARCH } from './_fit/search.js';
import { FittedHead, HeadOptions } from './_fit/head-router.js';
import { computeLayerMean } from './_fit/kernel/layer-mean.js';

interface Signals {
  readonly hiddenStates: HiddenStates;
}

/** A linear (or small MLP) head on the mean of all layers, computed once, before training. */
@router({
  name: 'probe-mean',
  version: 2,
  summary: 'A fitted head on the mean over layers of the hidden states',
  aliases: ['probe_mean', 'mean'],
  family: 'probe',
  needs: [hiddenStates()],
  options: HeadOptions,
  search: HEAD_SEARCH,
  environment: engineFindings,
  calibrated: 'logit',
  formula: 'w · mean over layers of h + b',
  source: 'RouterXBench, arXiv 2602.11877',
  cost: 'one reading of the prompt by the weak model',
})
export class ProbeMean extends FittedHead<Signals> implements Router<Signals> {
  constructor(@inject(OPTIONS) options: HeadOptions) {
    super('probe-mean', options, ({ signals }) => computeLayerMean(signals.hiddenStates));
  }
}

import {
  hiddenStates,
  inject,
  OPTIONS,
  router,
  type HiddenStates,
  type Router,
} from '../../core/index.js';
import { LayeredProbe } from './_fit/layered-router.js';
import { softmaxMixing } from './_fit/mixing.js';
import { TrainingOptions } from './_fit/schedule.js';
import { TRAINING_SEARCH } from './_fit/search.js';

interface Signals {
  readonly hiddenStates: HiddenStates;
}

/** One weight per layer, learned with the classifier and the same for every query. */
@router({
  name: 'probe-dynamic-softmax',
  version: 2,
  summary: 'A linear probe on a learned mixture of all layers',
  aliases: ['probe_dynamic_softmax', 'dynamic_softmax'],
  family: 'probe',
  needs: [hiddenStates()],
  options: TrainingOptions,
  search: TRAINING_SEARCH,
  calibrated: 'logit',
  formula: 'Σ_l α_l (w · h_l) + b with α = softmax(v)',
  source: 'RouterXBench, arXiv 2602.11877',
  cost: 'one reading of the prompt by the weak model',
})
export class ProbeDynamicSoftmax extends LayeredProbe implements Router<Signals> {
  constructor(@inject(OPTIONS) options: TrainingOptions) {
    super('probe-dynamic-softmax', softmaxMixing, options);
  }
}

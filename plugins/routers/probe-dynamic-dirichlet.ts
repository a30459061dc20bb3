import {
  hiddenStates,
  inject,
  OPTIONS,
  router,
  type HiddenStates,
  type Router,
} from '../../core/index.js';
import { LayeredProbe } from './_fit/layered-router.js';
import { dirichletMixing } from './_fit/mixing.js';
import { TrainingOptions } from './_fit/schedule.js';
import { TRAINING_SEARCH } from './_fit/search.js';

interface Signals {
  readonly hiddenStates: HiddenStates;
}

/**
 * ProbeDirichlet: layer weights are drawn for each training row, so training cannot rely on a
 * single layer; scoring uses the expected weights. The layer weights and the concentration Σβ =
 * exp(b₀), both constants of the model, are stored with the training record.
 */
@router({
  name: 'probe-dynamic-dirichlet',
  version: 2,
  summary: 'A linear probe on a mixture of all layers whose weights are drawn anew in training',
  aliases: ['probe_dynamic_dirichlet', 'dynamic_dirichlet'],
  family: 'probe',
  needs: [hiddenStates()],
  options: TrainingOptions,
  search: TRAINING_SEARCH,
  calibrated: 'logit',
  formula: 'Σ_l E[α_l] (w · h_l) + b with α ~ Dir(β), β = exp(b₀) softmax(a), E[α] = softmax(a)',
  source: 'RouterXBench, arXiv 2602.11877',
  cost: 'one reading of the prompt by the weak model',
})
export class ProbeDynamicDirichlet extends LayeredProbe implements Router<Signals> {
  constructor(@inject(OPTIONS) options: TrainingOptions) {
    super('probe-dynamic-dirichlet', dirichletMixing, options);
  }
}

import {
  hiddenStates,
  inject,
  OPTIONS,
  router,
  type HiddenStates,
  type Router,
} from '../../core/index.js';
import { LayeredProbe } from './_fit/layered-router.js';
import { inputDirichletMixing } from './_fit/mixing.js';
import { TrainingOptions } from './_fit/schedule.js';
import { TRAINING_SEARCH } from './_fit/search.js';

interface Signals {
  readonly hiddenStates: HiddenStates;
}

/**
 * ProbeDirichlet as described in the paper's text, β(x): the concentrations are computed from the
 * states of the query with one shared vector u and a constant per layer, so both the layer weights
 * and the concentration differ between queries. Their means over the validation rows are stored.
 */
@router({
  name: 'probe-dirichlet-input',
  version: 2,
  summary:
    'A linear probe on a mixture of all layers drawn from a Dirichlet distribution of the query’s own',
  aliases: ['probe_dirichlet_input', 'dirichlet_input'],
  family: 'probe',
  needs: [hiddenStates()],
  options: TrainingOptions,
  search: TRAINING_SEARCH,
  calibrated: 'logit',
  formula:
    'Σ_l E[α_l] (w · h_l) + b with α ~ Dir(β(x)), β_l(x) = softplus(u · h_l + c_l), E[α] = β(x) / Σβ(x)',
  source: 'RouterXBench, arXiv 2602.11877',
  cost: 'one reading of the prompt by the weak model',
})
export class ProbeDirichletInput extends LayeredProbe implements Router<Signals> {
  constructor(@inject(OPTIONS) options: TrainingOptions) {
    super('probe-dirichlet-input', inputDirichletMixing, options);
  }
}

import { inject, OPTIONS, router, type Router } from '../../core/index.js';
import { LinearOptions, LinearRouter } from './_embedding/linear-router.js';
import { embeddingNeeds, type EmbeddingSignals } from './_embedding/vector.js';

/**
 * Logistic regression with an L2 penalty on the weights (not on the intercept), fitted to
 * convergence by a truncated Newton method.
 */
@router({
  name: 'logistic',
  summary: 'Logistic regression on the z-scored query embedding',
  needs: embeddingNeeds,
  options: LinearOptions,
  search: { c: [1e-5, 1e-4, 1e-3, 1e-2, 0.1, 10, 100] },
  calibrated: 'logit',
  formula: 'w · z + b, with w, b least in ½‖w‖² + c · Σ ln(1 + e^(−yᵢ(w · zᵢ + b)))',
  source: 'Cox, J. R. Stat. Soc. B 20 (1958); solver after Lin, Weng and Keerthi, JMLR 9 (2008)',
  cost: 'one embedding of the query',
})
export class Logistic extends LinearRouter implements Router<EmbeddingSignals> {
  constructor(@inject(OPTIONS) options: LinearOptions) {
    super({ name: 'logistic', loss: 'logistic', penaliseBias: false }, options);
  }
}

import { inject, OPTIONS, router, type Router } from '../../core/index.js';
import { LinearOptions, LinearRouter } from './_embedding/linear-router.js';
import { embeddingNeeds, type EmbeddingSignals } from './_embedding/vector.js';

/**
 * A linear support vector machine: squared hinge loss, with the intercept penalised like the
 * weights (LIBLINEAR's L2-loss SVM).
 */
@router({
  name: 'svm',
  summary: 'A linear support vector machine on the z-scored query embedding',
  needs: embeddingNeeds,
  options: LinearOptions,
  search: { c: [1e-5, 1e-4, 1e-3, 1e-2, 0.1, 10, 100] },
  formula: 'margin w · z + b, with w, b least in ½‖w‖² + ½b² + c · Σ max(0, 1 − yᵢ(w · zᵢ + b))²',
  source: 'Fan et al., LIBLINEAR, JMLR 9 (2008)',
  cost: 'one embedding of the query',
})
export class Svm extends LinearRouter implements Router<EmbeddingSignals> {
  constructor(@inject(OPTIONS) options: LinearOptions) {
    super({ name: 'svm', loss: 'squared-hinge', penaliseBias: true }, options);
  }
}

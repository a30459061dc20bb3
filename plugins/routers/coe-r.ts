import {
  hiddenStates,
  router,
  type HiddenStates,
  type Router,
  type RouterInput,
} from '../../core/index.js';
import { realFeatures } from './_fit/chain.js';

/** Chain-of-Embedding's real score of the prompt's chain of hidden states, not fitted. */
@router({
  name: 'coe-r',
  summary: 'CoE-R of Chain-of-Embedding: how far the states move, less how far they turn',
  needs: [hiddenStates()],
  formula:
    'mean over l of M_l − A_l; M_l = ‖h_{l+1} − h_l‖ / ‖h_L − h_0‖, A_l = ∠(h_l, h_{l+1}) / ∠(h_0, h_L)',
  source:
    'Chain-of-Embedding, arXiv 2410.13640, there of the answer; here of the prompt, as in RouterXBench',
  cost: 'one reading of the prompt by the weak model',
})
export class CoeR implements Router<{ hiddenStates: HiddenStates }> {
  readonly score = ({ signals }: RouterInput<{ hiddenStates: HiddenStates }>): number | null => {
    const { layers } = signals.hiddenStates;
    if (layers < 2) return null;
    return realFeatures(signals.hiddenStates).reduce((sum, term) => sum + term, 0) / (layers - 1);
  };
}

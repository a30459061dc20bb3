import {
  hiddenStates,
  router,
  type HiddenStates,
  type Router,
  type RouterInput,
} from '../../core/index.js';
import { complexFeatures } from './_fit/chain.js';

/** Chain-of-Embedding's complex score of the prompt's chain of hidden states, not fitted. */
@router({
  name: 'coe-c',
  summary:
    'CoE-C of Chain-of-Embedding: the mean of steps and turns as points of the complex plane',
  needs: [hiddenStates()],
  formula:
    'modulus of the mean over l of M_l · e^{i A_l}; M_l = ‖h_{l+1} − h_l‖ / ‖h_L − h_0‖, A_l = ∠(h_l, h_{l+1}) / ∠(h_0, h_L)',
  source:
    'Chain-of-Embedding, arXiv 2410.13640, there of the answer; here of the prompt, as in RouterXBench',
  cost: 'one reading of the prompt by the weak model',
})
export class CoeC implements Router<{ hiddenStates: HiddenStates }> {
  readonly score = ({ signals }: RouterInput<{ hiddenStates: HiddenStates }>): number | null => {
    const steps = signals.hiddenStates.layers - 1;
    if (steps < 1) return null;
    const points = complexFeatures(signals.hiddenStates);
    const mean = (from: number): number =>
      points.subarray(from, from + steps).reduce((sum, part) => sum + part, 0) / steps;
    return Math.hypot(mean(0), mean(steps));
  };
}

import { logits, router, type Logits, type Router, type RouterInput } from '../../core/index.js';
import { topTwo } from './_logits/top-two.js';

/** One minus the entropy of the next-token distribution, normalised by its maximum. */
@router({
  name: 'entropy',
  summary: 'One minus the normalised entropy of the first token',
  batches: ['logits_based_routers'],
  needs: [logits({ top: 2 })],
  formula: '1 − H(softmax z) / ln V, within [0, 1]',
  source: 'RouterXBench, arXiv 2602.11877',
  cost: 'one reading of the prompt by the weak model',
})
export class Entropy implements Router<{ logits: Logits }> {
  readonly score = ({ signals: { logits: z } }: RouterInput<{ logits: Logits }>): number | null => {
    if (z.length < 2) return null;
    const largest = topTwo(z)[0];
    let sum = 0;
    let weighted = 0;
    for (const value of z) {
      const e = Math.exp(value - largest);
      sum += e;
      weighted += e * (value - largest);
    }
    // H = ln Σe^z − Σ p·z, both shifted by the largest logit
    const entropy = Math.log(sum) - weighted / sum;
    return Math.min(1, Math.max(0, 1 - entropy / Math.log(z.length)));
  };
}

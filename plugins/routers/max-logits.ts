import { logits, router, type Logits, type Router, type RouterInput } from '../../core/index.js';
import { topTwo } from './_logits/top-two.js';

/**
 * The largest logit, unsquashed: its float32 sigmoid is exactly 1 from about 17 on and would cause
 * ties.
 */
@router({
  name: 'max-logits',
  summary: 'The largest logit of the first token',
  aliases: ['max_logits'],
  batches: ['logits_based_routers'],
  needs: [logits()],
  formula: 'max z',
  source: 'RouterXBench, arXiv 2602.11877',
  cost: 'one reading of the prompt by the weak model',
})
export class MaxLogits implements Router<{ logits: Logits }> {
  readonly score = ({ signals: { logits: z } }: RouterInput<{ logits: Logits }>): number =>
    topTwo(z)[0];
}

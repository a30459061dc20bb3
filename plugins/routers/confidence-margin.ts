import { logits, router, type Logits, type Router, type RouterInput } from '../../core/index.js';
import { topTwo } from './_logits/top-two.js';

/** Gap between the two likeliest next tokens: the wider it is, the surer the weak model. */
@router({
  name: 'confidence-margin',
  summary: 'Gap between the probabilities of the two likeliest first tokens',
  aliases: ['confidence_margin'],
  batches: ['logits_based_routers'],
  needs: [logits({ top: 2 })],
  formula: 'p₁ − p₂ with p = softmax(z)',
  source: 'RouterXBench, arXiv 2602.11877',
  cost: 'one reading of the prompt by the weak model',
})
export class ConfidenceMargin implements Router<{ logits: Logits }> {
  readonly score = ({ signals: { logits: z } }: RouterInput<{ logits: Logits }>): number => {
    const [first, second] = topTwo(z);
    let sum = 0;
    for (const value of z) sum += Math.exp(value - first);
    return (1 - Math.exp(second - first)) / sum;
  };
}

import { logits, router, type Logits, type Router, type RouterInput } from '../../core/index.js';

@router({ name: 'confidence-margin', summary: 'Gap between the probabilities of the two likeliest next tokens', needs: [logits()] })
export class ConfidenceMargin implements Router<{ logits: Logits }> {
  score({ signals }: RouterInput<{ logits: Logits }>): number {
    let first = -Infinity;
    let second = -Infinity;
    for (const z of signals.logits) {
      if (z > first) [first, second] = [z, first];
      else if (z > second) second = z;
    }
    let sum = 0;
    for (const z of signals.logits) sum += Math.exp(z - first);
    return (1 - Math.exp(second - first)) / sum;
  }
}

import { logits, router, type Logits, type Router, type RouterInput } from '../../core/index.js';

const TOP = 10;

/**
 * Minus the sample variance of the ten largest logits. Upstream takes a flat top as certainty; the
 * sign is kept.
 */
@router({
  name: 'top10-variance',
  summary: 'Minus the variance of the ten largest logits of the first token',
  aliases: ['top10_variance'],
  batches: ['logits_based_routers'],
  needs: [logits({ top: 10 })],
  formula: '−var(z₁ … z₁₀), n − 1 in the denominator',
  source: 'RouterXBench, arXiv 2602.11877',
  cost: 'one reading of the prompt by the weak model',
})
export class Top10Variance implements Router<{ logits: Logits }> {
  readonly score = ({ signals: { logits: z } }: RouterInput<{ logits: Logits }>): number | null => {
    if (z.length < 2) return null;
    const top = Float64Array.from(z).sort().subarray(-TOP);
    const mean = top.reduce((sum, value) => sum + value, 0) / top.length;
    return -top.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (top.length - 1);
  };
}

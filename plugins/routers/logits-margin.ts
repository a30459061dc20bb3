import { logits, router, type Logits, type Router, type RouterInput } from '../../core/index.js';
import { topTwo } from './_logits/top-two.js';

/** Gap between the two largest logits: the log-odds of the likeliest token against the next one. */
@router({
  name: 'logits-margin',
  summary: 'Gap between the two largest logits of the first token',
  aliases: ['logits_margin'],
  needs: [logits({ top: 2 })],
  formula: 'z₁ − z₂',
  source: 'RouterXBench, arXiv 2602.11877',
  cost: 'one reading of the prompt by the weak model',
})
export class LogitsMargin implements Router<{ logits: Logits }> {
  readonly score = ({ signals: { logits: z } }: RouterInput<{ logits: Logits }>): number | null => {
    const [first, second] = topTwo(z);
    return z.length < 2 ? null : first - second;
  };
}

import {
  answer,
  router,
  type Confidence,
  type Generated,
  type Router,
  type RouterInput,
} from '../../core/index.js';
import { meanLogprob } from './_text/mean-logprob.js';

interface Signals {
  readonly answer: Generated;
}

/**
 * Orders queries as avg-logprob does; it is here because results are often told as perplexities.
 */
@router({
  name: 'perplexity',
  summary: 'Minus the perplexity of the weak model’s answer',
  needs: [answer()],
  formula:
    '−exp(−mean over tokens of ln p(token)), each given what stands before it; end token included',
  source: 'baseline; Jelinek et al., J. Acoust. Soc. Am. 62 (1977)',
  cost: 'the weak model’s answer',
})
export class Perplexity implements Router<Signals> {
  readonly score = ({ signals: { answer: weakAnswer } }: RouterInput<Signals>): Confidence => {
    const mean = meanLogprob(weakAnswer);
    // beyond 1.8e308 there is no number
    return mean === null ? null : -Math.min(Number.MAX_VALUE, Math.exp(-mean));
  };
}

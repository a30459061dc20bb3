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
 * Gives the same order as avg-logprob; it exists because results are often reported as
 * perplexities.
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
    // above 1.8e308 there is no finite number
    return mean === null ? null : -Math.min(Number.MAX_VALUE, Math.exp(-mean));
  };
}

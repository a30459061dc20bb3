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
 * Uses the weak model's answer, so it cascades: the answer is paid for even if the strong model
 * answers in the end.
 */
@router({
  name: 'avg-logprob',
  summary: 'Mean log-probability of the tokens of the weak model’s answer',
  aliases: ['avg_logprob'],
  needs: [answer()],
  formula: 'mean over tokens of ln p(token), each given what stands before it; end token included',
  source: 'baseline; Malinin and Gales, arXiv 2002.07650',
  cost: 'the weak model’s answer',
})
export class AvgLogprob implements Router<Signals> {
  readonly score = ({ signals: { answer: weakAnswer } }: RouterInput<Signals>): Confidence =>
    meanLogprob(weakAnswer);
}

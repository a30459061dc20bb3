import {
  hiddenStates,
  inject,
  OPTIONS,
  router,
  type FitContext,
  type FitData,
  type HiddenStates,
  type Router,
  type RouterInput,
  type Weights,
} from '../../core/index.js';
import { engineFindings } from './_fit/engine.js';
import { FittedHead, HeadOptions } from './_fit/head-router.js';
import { computeLayerMean } from './_fit/kernel/layer-mean.js';

interface Signals {
  readonly hiddenStates: HiddenStates;
}

/** A linear (or small MLP) head on the mean of all layers, computed once, before training. */
@router({
  name: 'probe-mean',
  version: 2,
  summary: 'A fitted head on the mean over layers of the hidden states',
  aliases: ['probe_mean', 'mean'],
  family: 'probe',
  needs: [hiddenStates()],
  options: HeadOptions,
  environment: engineFindings,
  calibrated: 'logit',
  formula: 'w · mean over layers of h + b',
  source: 'RouterXBench, arXiv 2602.11877',
  cost: 'one reading of the prompt by the weak model',
})
export class ProbeMean implements Router<Signals> {
  readonly #head: FittedHead<Signals>;

  constructor(@inject(OPTIONS) options: HeadOptions) {
    this.#head = new FittedHead('probe-mean', options, ({ signals }) =>
      computeLayerMean(signals.hiddenStates),
    );
  }

  readonly fit = async (
    train: FitData<Signals>,
    validation: FitData<Signals>,
    context: FitContext,
  ): Promise<Weights> => await this.#head.fit(train, validation, context);
  readonly restore = (weights: Weights): void => this.#head.restore(weights);
  readonly score = (input: RouterInput<Signals>): number => this.#head.score(input);
}

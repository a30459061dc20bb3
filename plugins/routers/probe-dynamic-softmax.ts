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
import { LayeredProbe } from './_fit/layered-router.js';
import { softmaxMixing } from './_fit/mixing.js';
import { TrainingOptions } from './_fit/schedule.js';

interface Signals {
  readonly hiddenStates: HiddenStates;
}

/** One weight per layer, learned with the classifier and the same for every query. */
@router({
  name: 'probe-dynamic-softmax',
  version: 2,
  summary: 'A linear probe on a learned mixture of all layers',
  aliases: ['probe_dynamic_softmax', 'dynamic_softmax'],
  family: 'probe',
  needs: [hiddenStates()],
  options: TrainingOptions,
  calibrated: 'logit',
  formula: 'Σ_l α_l (w · h_l) + b with α = softmax(v)',
  source: 'RouterXBench, arXiv 2602.11877',
  cost: 'one reading of the prompt by the weak model',
})
export class ProbeDynamicSoftmax implements Router<Signals> {
  readonly #probe: LayeredProbe;

  constructor(@inject(OPTIONS) options: TrainingOptions) {
    this.#probe = new LayeredProbe('probe-dynamic-softmax', softmaxMixing, options);
  }

  readonly fit = async (
    train: FitData<Signals>,
    validation: FitData<Signals>,
    context: FitContext,
  ): Promise<Weights> => await this.#probe.fit(train, validation, context);
  readonly restore = (weights: Weights): void => this.#probe.restore(weights);
  readonly score = (input: RouterInput<Signals>): number => this.#probe.score(input);
}

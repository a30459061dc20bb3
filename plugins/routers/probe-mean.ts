import { hiddenStates, inject, OPTIONS, router, type FitContext, type FitData, type HiddenStates, type Router, type RouterInput, type Weights } from '../../core/index.js';
import { FittedHead, HeadOptions } from './_fit/head-router.js';

interface Signals {
  readonly hiddenStates: HiddenStates;
}

/** Mean over layers: Float32Array[dim]. Four layers at a time: this is most of the time that a fit of this probe takes. */
const meanOfLayers = ({ signals: { hiddenStates } }: RouterInput<Signals>): Float32Array => {
  const { layers, dim, values } = hiddenStates;
  const sums = new Float64Array(dim);
  let layer = 0;
  for (; layer + 4 <= layers; layer += 4) {
    const [a, b, c, d] = [layer * dim, (layer + 1) * dim, (layer + 2) * dim, (layer + 3) * dim];
    for (let i = 0; i < dim; i++) sums[i] = (sums[i] as number) + (values[a + i] as number) + (values[b + i] as number) + (values[c + i] as number) + (values[d + i] as number);
  }
  for (; layer < layers; layer++) for (let i = 0; i < dim; i++) sums[i] = (sums[i] as number) + (values[layer * dim + i] as number);
  const mean = new Float32Array(dim);
  for (let i = 0; i < dim; i++) mean[i] = (sums[i] as number) / layers;
  return mean;
};

/** A linear (or small MLP) head on the mean of all layers. The mean is taken once, before training. */
@router({
  name: 'probe-mean',
  version: 2,
  summary: 'A fitted head on the mean over layers of the hidden states',
  aliases: ['probe_mean', 'mean'],
  needs: [hiddenStates()],
  options: HeadOptions,
  calibrated: 'logit',
  formula: 'w · mean over layers of h + b',
  source: 'RouterXBench, arXiv 2602.11877',
  cost: 'one reading of the prompt by the weak model',
})
export class ProbeMean implements Router<Signals> {
  readonly #head: FittedHead<Signals>;

  constructor(@inject(OPTIONS) options: HeadOptions) {
    this.#head = new FittedHead('probe-mean', options, meanOfLayers);
  }

  readonly fit = async (train: FitData<Signals>, validation: FitData<Signals>, context: FitContext): Promise<Weights> => await this.#head.fit(train, validation, context);
  readonly restore = (weights: Weights): void => this.#head.restore(weights);
  readonly score = (input: RouterInput<Signals>): number => this.#head.score(input);
}

/** What fitted heads over a vector of features share: collect, standardise if asked, train, restore, score. */
import { z } from 'zod';
import { HarnessError, type FitContext, type FitData, type RouterInput, type Weights } from '../../../core/index.js';
import { collect } from './features.js';
import { forward, layersFrom, layerTensors, type Layer } from './layers.js';
import { TrainingOptions } from './schedule.js';
import { standardised, standardOf, type Standard } from './standardise.js';
import { trainHead } from './train-head.js';

/** Options of every fitted head. */
export const HeadOptions = TrainingOptions.extend({
  /** Widths of hidden layers; none = a linear head. */
  hidden: z.array(z.int().positive()).default([]),
  dropout: z.number().min(0).lt(1).default(0.1),
  /** z-score the features with the training rows' mean and spread, in training and in scoring alike. */
  standardize: z.boolean().default(false),
});
/** Options of every fitted head. */
export type HeadOptions = z.infer<typeof HeadOptions>;

/** A head over features that `featuresOf` takes from a query. Its output is the logit of P(weak is right). */
export class FittedHead<Signals> {
  #layers: readonly Layer[] | undefined;
  #standard: Standard | undefined;

  constructor(
    private readonly name: string,
    private readonly options: HeadOptions,
    private readonly featuresOf: (input: RouterInput<Signals>) => ArrayLike<number>,
  ) {}

  async fit(trainData: FitData<Signals>, validationData: FitData<Signals>, context: FitContext): Promise<Weights> {
    const train = await collect(trainData, this.featuresOf);
    const validation = await collect(validationData, this.featuresOf);
    const standard = this.options.standardize ? standardOf(train) : undefined;
    const scaled = <F extends { readonly values: Float32Array }>(features: F): F => (standard === undefined ? features : { ...features, values: standardised(standard, features.values) });
    const { layers, history } = await trainHead(scaled(train), scaled(validation), this.options, context);
    return {
      tensors: {
        ...layerTensors(layers),
        ...(standard === undefined ? {} : { 'standard.mean': { shape: [train.dim], data: standard.mean }, 'standard.spread': { shape: [train.dim], data: standard.spread } }),
      },
      meta: history,
    };
  }

  restore(weights: Weights): void {
    this.#layers = layersFrom(weights, this.name);
    const [mean, spread] = [weights.tensors['standard.mean'], weights.tensors['standard.spread']];
    this.#standard = mean === undefined || spread === undefined ? undefined : { mean: mean.data, spread: spread.data };
  }

  score(input: RouterInput<Signals>): number {
    if (this.#layers === undefined) throw new Error(`${this.name} has no weights yet`);
    const features = this.featuresOf(input);
    const wanted = this.#layers[0]?.weight.shape[1];
    if (features.length !== wanted) throw new HarnessError('RXB6006', { folder: 'the weights', router: this.name, problem: `fitted on ${String(wanted)} features, given ${features.length}` });
    return forward(this.#layers, this.#standard === undefined ? features : standardised(this.#standard, features));
  }
}

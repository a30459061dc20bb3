import {
  HarnessError,
  hiddenStates,
  inject,
  OPTIONS,
  router,
  z,
  type FitContext,
  type FitData,
  type HiddenStates,
  type Router,
  type RouterInput,
  type Weights,
} from '../../core/index.js';
import { fitLayers } from './_fit/every-layer.js';
import { engineFindings } from './_fit/engine.js';
import { HEAD_SEARCH } from './_fit/search.js';
import { FittedHead, HeadOptions } from './_fit/head-router.js';

const NAME = 'probe-hs-mlp';

const Options = HeadOptions.omit({ standardize: true }).extend({
  /**
   * A layer by its index (0 = embedding output), or `best`: a head is fitted on every layer, and
   * the one with the best validation loss is kept.
   */
  layer: z.union([z.int().nonnegative(), z.literal('best')]).default('best'),
});
type Options = z.infer<typeof Options>;

interface Signals {
  readonly hiddenStates: HiddenStates;
}

/**
 * A linear (or small MLP) head on one layer. The layer, and the best validation loss of each layer
 * that was tried, are stored with the weights.
 */
@router({
  name: NAME,
  summary: 'A fitted head on one layer of the hidden states, given or the best of all',
  aliases: ['probe_hs_mlp', 'hs_mlp'],
  family: 'probe',
  needs: [hiddenStates()],
  options: Options,
  search: HEAD_SEARCH,
  environment: engineFindings,
  calibrated: 'logit',
  formula:
    'head(h_l), linear or with the layers of `hidden`; l given, or the one with the best validation loss',
  source: 'RouterXBench, arXiv 2602.11877',
  cost: 'one reading of the prompt by the weak model',
})
export class ProbeHsMlp implements Router<Signals> {
  readonly #head: FittedHead<Signals>;
  #layer: number | undefined;

  constructor(@inject(OPTIONS) private readonly options: Options) {
    this.#head = new FittedHead(
      NAME,
      { ...options, standardize: false },
      ({ signals: { hiddenStates: h } }) => {
        const layer = this.#layer ?? 0;
        if (layer >= h.layers)
          throw new HarnessError('weightsMismatch', {
            folder: 'the weights',
            router: NAME,
            problem: `fitted on layer ${layer}, given ${h.layers} layers`,
          });
        return h.values.slice(layer * h.dim, (layer + 1) * h.dim);
      },
    );
  }

  readonly fit = async (
    train: FitData<Signals>,
    validation: FitData<Signals>,
    context: FitContext,
  ): Promise<Weights> => await fitLayers(NAME, this.options, train, validation, context);

  readonly restore = (weights: Weights): void => {
    this.#head.restore(weights);
    const { layer } = weights.meta;
    if (typeof layer !== 'number')
      throw new HarnessError('weightsMismatch', {
        folder: 'the weights',
        router: NAME,
        problem: 'they do not name the layer they were fitted on',
      });
    this.#layer = layer;
  };

  readonly score = (input: RouterInput<Signals>): number => this.#head.score(input);
}

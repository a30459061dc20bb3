import {
  HarnessError,
  hiddenStates,
  inject,
  OPTIONS,
  router,
  seededRandom,
  z,
  type FitContext,
  type FitData,
  type HiddenStates,
  type Router,
  type RouterInput,
  type Tensor,
  type Weights,
} from '../../core/index.js';
import { KERNEL, LayerConvolution } from './_fit/conv.js';
import { withKernel, type Kernel } from './_fit/kernel/kernel.js';
import { openParts } from './_fit/rows.js';
import { TrainingOptions } from './_fit/schedule.js';
import { TRAINING_SEARCH } from './_fit/search.js';
import { train } from './_fit/train.js';

const NAME = 'probe-pca-conv';

const Options = TrainingOptions.extend({ filters: z.int().positive().default(32) });
type Options = z.infer<typeof Options>;

interface Signals {
  readonly hiddenStates: HiddenStates;
}

const SHAPES = (filters: number, dim: number): Readonly<Record<string, readonly number[]>> => ({
  'conv.weight': [filters, KERNEL, dim],
  'conv.bias': [filters],
  'fc.weight': [filters],
  'fc.bias': [1],
});

/**
 * A convolution over the layers, treated as a sequence. Despite upstream's name it contains no
 * principal component analysis.
 */
@router({
  name: NAME,
  summary: 'A fitted convolution over the layers of the hidden states',
  aliases: ['probe_pca_conv', 'pca_conv'],
  family: 'probe',
  needs: [hiddenStates()],
  options: Options,
  search: TRAINING_SEARCH,
  calibrated: 'logit',
  formula:
    'w · mean over l of relu(Σ_k C_k h_{l+k−1} + c) + b, k = 0, 1, 2, zeros beyond both ends',
  source: 'RouterXBench, arXiv 2602.11877',
  cost: 'one reading of the prompt by the weak model',
})
export class ProbePcaConv implements Router<Signals> {
  #tensors: Readonly<Record<string, Tensor>> | undefined;

  constructor(@inject(OPTIONS) private readonly options: Options) {}

  readonly fit = async (
    train: FitData<Signals>,
    validation: FitData<Signals>,
    context: FitContext,
  ): Promise<Weights> => {
    context.signal.throwIfAborted();
    return await withKernel((kernel) => this.#fit(kernel, train, validation, context));
  };

  readonly restore = ({ tensors }: Weights): void => {
    const [filters, , dim] = tensors['conv.weight']?.shape ?? [];
    const wrong = Object.entries(SHAPES(filters ?? 0, dim ?? 0)).find(
      ([name, shape]) =>
        filters === undefined || tensors[name]?.data.length !== shape.reduce((a, b) => a * b, 1),
    );
    if (wrong !== undefined)
      throw new HarnessError('weightsMismatch', {
        folder: 'the weights',
        router: NAME,
        problem: `"${wrong[0]}" is missing or has the wrong shape`,
      });
    this.#tensors = tensors;
  };

  readonly score = ({ signals: { hiddenStates: h } }: RouterInput<Signals>): number => {
    const {
      'conv.weight': weight,
      'conv.bias': bias,
      'fc.weight': last,
      'fc.bias': shift,
    } = this.#tensors ?? {};
    if (weight === undefined || bias === undefined || last === undefined || shift === undefined)
      throw new Error(`${NAME} has no weights yet`);
    const [filters, , dim] = weight.shape as [number, number, number];
    if (dim !== h.dim)
      throw new HarnessError('weightsMismatch', {
        folder: 'the weights',
        router: NAME,
        problem: `fitted on states of ${dim} numbers, given ${h.dim}`,
      });
    let z = shift.data[0]!;
    for (let f = 0; f < filters; f++) {
      let pooled = 0;
      for (let l = 0; l < h.layers; l++) {
        let sum = bias.data[f]!;
        for (let k = Math.max(0, 1 - l); k < Math.min(KERNEL, h.layers + 1 - l); k++) {
          const [of, at] = [(f * KERNEL + k) * dim, (l + k - 1) * dim];
          for (let i = 0; i < dim; i++) sum += weight.data[of + i]! * h.values[at + i]!;
        }
        pooled += Math.max(0, sum) / h.layers;
      }
      z += pooled * last.data[f]!;
    }
    return z;
  };

  async #fit(
    kernel: Kernel,
    trainData: FitData<Signals>,
    validationData: FitData<Signals>,
    context: FitContext,
  ): Promise<Weights> {
    const getStates = ({ signals }: RouterInput<Signals>): HiddenStates => signals.hiddenStates;
    const { rows, validation } = await openParts(
      kernel,
      trainData,
      validationData,
      getStates,
      this.options.memory,
    );
    const model = new LayerConvolution(
      kernel,
      rows.layers,
      rows.dim,
      this.options.filters,
      seededRandom(context.seed).fork('start'),
    );
    const meta = await train(NAME, model, rows, validation, this.options, context);
    return { tensors: model.parameters.tensors(model.parameters.getAll('values')), meta };
  }
}

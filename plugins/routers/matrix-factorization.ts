import {
  inject,
  OPTIONS,
  router,
  seededRandom,
  z,
  type FitContext,
  type FitData,
  type Router,
  type RouterInput,
  type Weights,
} from '../../core/index.js';
import { BilinearModel, getBilinear } from './_embedding/bilinear-model.js';
import { collapse, difference, type Collapsed } from './_embedding/bilinear.js';
import { checkEqual, tensorsFrom } from './_embedding/tensors.js';
import {
  checkWidth,
  embeddingNeeds,
  EmbeddingOptions,
  getEmbedding,
  type EmbeddingSignals,
} from './_embedding/vector.js';
import { withKernel, type Kernel } from './_fit/kernel/kernel.js';
import { openParts, type Vectors } from './_fit/rows.js';
import { TrainingOptions } from './_fit/schedule.js';
import { TRAINING_SEARCH } from './_fit/search.js';
import { computeStandard, standardTensors } from './_fit/standardise.js';
import { train } from './_fit/train.js';
import { standardised, type Standard } from './_fit/standard.js';

const NAME = 'matrix-factorization';

const Options = TrainingOptions.extend({
  ...EmbeddingOptions.shape,
  /** Width of the model vectors. */
  rank: z.int().positive().default(128),
  /**
   * RouteLLM's training settings; the plateau schedule and early stopping are those of the probes.
   */
  learningRate: z.number().positive().default(3e-4),
  batchSize: z.int().positive().default(64),
  epochs: z.int().positive().default(100),
  weightDecay: z.number().nonnegative().default(1e-5),
});
type Options = z.infer<typeof Options>;

/**
 * RouteLLM's matrix factorisation with the configured pair as its two models. For one pair, the
 * confidence is linear in the embedding.
 */
@router({
  name: NAME,
  version: 2,
  summary: 'RouteLLM’s bilinear scores of the two models, over the query embedding',
  aliases: ['matrix_factorization', 'mf'],
  needs: embeddingNeeds,
  options: Options,
  search: { ...TRAINING_SEARCH, rank: [32, 128, 512] },
  calibrated: 'logit',
  formula: 'δ(weak, z) − δ(strong, z), with δ(m, z) = w₂ᵀ(vₘ ⊙ (W₁ᵀz + b))',
  source: 'RouteLLM, arXiv 2406.18665',
  cost: 'one embedding of the query',
})
export class MatrixFactorization implements Router<EmbeddingSignals> {
  #model: { readonly linear: Collapsed; readonly standard: Standard } | undefined;

  constructor(@inject(OPTIONS) private readonly options: Options) {}

  readonly fit = async (
    trainData: FitData<EmbeddingSignals>,
    validationData: FitData<EmbeddingSignals>,
    context: FitContext,
  ): Promise<Weights> => {
    context.signal.throwIfAborted();
    return await withKernel((kernel) => this.#fit(kernel, trainData, validationData, context));
  };

  readonly restore = (weights: Weights): void => {
    const stored = tensorsFrom(weights, NAME, {
      weak: 1,
      strong: 1,
      project: 2,
      bias: 1,
      out: 1,
      'standard.mean': 1,
      'standard.spread': 1,
    });
    const [rank, dim] = stored.project.shape as [number, number];
    checkEqual(NAME, 'model vectors', [
      rank,
      stored.weak.data.length,
      stored.strong.data.length,
      stored.bias.data.length,
      stored.out.data.length,
    ]);
    checkEqual(NAME, 'project, mean and spread', [
      dim,
      stored['standard.mean'].data.length,
      stored['standard.spread'].data.length,
    ]);
    this.#model = {
      linear: collapse(getBilinear(weights.tensors)),
      standard: { mean: stored['standard.mean'].data, spread: stored['standard.spread'].data },
    };
  };

  readonly score = (input: RouterInput<EmbeddingSignals>): number => {
    if (this.#model === undefined) throw new Error('matrix-factorization has no weights yet');
    const { linear, standard } = this.#model;
    const x = getEmbedding(input);
    checkWidth(NAME, linear.weight.length, x.length);
    return difference(linear, standardised(standard, x));
  };

  async #fit(
    kernel: Kernel,
    trainData: FitData<EmbeddingSignals>,
    validationData: FitData<EmbeddingSignals>,
    context: FitContext,
  ): Promise<Weights> {
    const getVectors = (input: RouterInput<EmbeddingSignals>): Vectors => ({
      layers: 1,
      dim: getEmbedding(input).length,
      values: getEmbedding(input),
    });
    const { rows, validation } = await openParts(
      kernel,
      trainData,
      validationData,
      getVectors,
      this.options.memory,
    );
    checkWidth(NAME, rows.dim, validation.dim);
    const standard = await computeStandard(rows);
    for (const part of [rows, validation]) await part.standardise(standard);
    const model = new BilinearModel(
      kernel,
      rows.dim,
      this.options,
      seededRandom(context.seed).fork('start'),
    );
    const meta = await train(NAME, model, rows, validation, this.options, context);
    return { tensors: { ...model.tensors(), ...standardTensors(standard) }, meta };
  }
}

import { inject, OPTIONS, router, seededRandom, z, type FitContext, type FitData, type Router, type RouterInput, type Weights } from '../../core/index.js';
import { Adam } from './_embedding/adam.js';
import { BILINEAR, collapse, crossEntropy, difference, lossAndGradient, newBilinear, type Bilinear, type Collapsed } from './_embedding/bilinear.js';
import { collect, standardised, standardOf, type EmbeddingRows, type Standard } from './_embedding/rows.js';
import { checkEqual, tensorsFrom } from './_embedding/tensors.js';
import { checkWidth, embeddingNeeds, EmbeddingOptions, vectorOf, type EmbeddingSignals } from './_embedding/vector.js';
import { Schedule, TrainingOptions } from './_fit/schedule.js';

const Options = TrainingOptions.pick({ plateau: true, earlyStop: true }).extend({
  ...EmbeddingOptions.shape,
  /** Width of the model vectors. */
  rank: z.int().positive().default(128),
  /** RouteLLM's training settings; the plateau and early stopping are those of the probes. */
  learningRate: z.number().positive().default(3e-4),
  batchSize: z.int().positive().default(64),
  epochs: z.int().positive().default(100),
  weightDecay: z.number().nonnegative().default(1e-5),
});
type Options = z.infer<typeof Options>;

const copied = (parameters: Bilinear): Bilinear => Object.fromEntries(BILINEAR.map((name) => [name, parameters[name].slice()])) as unknown as Bilinear;

const meanLoss = (parameters: Bilinear, { rows, dim, labels }: EmbeddingRows, values: Float32Array): number => {
  const linear = collapse(parameters);
  let sum = 0;
  for (let row = 0; row < rows; row++) sum += crossEntropy(difference(linear, values, row * dim), labels[row] as number) / rows;
  return sum;
};

/** RouteLLM's matrix factorisation with the own pair as its two models. Over one pair the confidence is linear in the embedding. */
@router({
  name: 'matrix-factorization',
  summary: 'RouteLLM’s bilinear scores of the two models, over the query embedding',
  aliases: ['matrix_factorization', 'mf'],
  needs: embeddingNeeds,
  options: Options,
  calibrated: 'logit',
  formula: 'δ(weak, z) − δ(strong, z), with δ(m, z) = w₂ᵀ(vₘ ⊙ (W₁ᵀz + b))',
  source: 'RouteLLM, arXiv 2406.18665',
  cost: 'one embedding of the query',
})
export class MatrixFactorization implements Router<EmbeddingSignals> {
  #model: { readonly linear: Collapsed; readonly standard: Standard } | undefined;

  constructor(@inject(OPTIONS) private readonly options: Options) {}

  readonly fit = async (trainData: FitData<EmbeddingSignals>, validationData: FitData<EmbeddingSignals>, context: FitContext): Promise<Weights> => {
    context.signal.throwIfAborted();
    const { rank, batchSize, epochs, learningRate, weightDecay, plateau, earlyStop } = this.options;
    const train = await collect('matrix-factorization', trainData);
    const validation = await collect('matrix-factorization', validationData);
    const { dim } = train;
    checkWidth('matrix-factorization', dim, validation.dim);
    const standard = standardOf(train);
    const [values, validationValues] = [standardised(standard, train.values), standardised(standard, validation.values)];
    const random = seededRandom(context.seed);
    const parameters = newBilinear(rank, dim, random.fork('start'));
    const optimizers = BILINEAR.map((name) => [name, new Adam(parameters[name], weightDecay)] as const);
    const order = random.fork('order');
    const schedule = new Schedule(TrainingOptions.parse({ learningRate, batchSize, epochs, plateau, earlyStop }));
    const trainLosses: number[] = [];
    const validationLosses: number[] = [];
    let [best, bestEpoch, rate] = [copied(parameters), 0, learningRate];
    for (let epoch = 1; epoch <= epochs; epoch++) {
      context.signal.throwIfAborted();
      const shuffled = Int32Array.from(order.shuffle(Array.from({ length: train.rows }, (_, row) => row)));
      let sum = 0;
      for (let from = 0; from < train.rows; from += batchSize) {
        const rows = shuffled.subarray(from, from + batchSize);
        const { loss, gradient } = lossAndGradient(parameters, values, train.labels, rows);
        for (const [name, optimizer] of optimizers) optimizer.step(gradient[name], rate);
        sum += loss * rows.length;
      }
      const [trainLoss, validationLoss] = [sum / train.rows, meanLoss(parameters, validation, validationValues)];
      trainLosses.push(trainLoss);
      validationLosses.push(validationLoss);
      context.progress({ epoch, epochs, trainLoss, validationLoss });
      const verdict = schedule.after(epoch, validationLoss);
      if (verdict.best) [best, bestEpoch] = [copied(parameters), epoch];
      rate = verdict.learningRate;
      if (verdict.stop) break;
      await new Promise((resolve) => setImmediate(resolve)); // lets a stop request and the progress display through
    }
    const shapes = { weak: [rank], strong: [rank], project: [rank, dim], bias: [rank], out: [rank] };
    return {
      tensors: {
        ...Object.fromEntries(BILINEAR.map((name) => [name, { shape: shapes[name], data: Float32Array.from(best[name]) }])),
        'standard.mean': { shape: [dim], data: standard.mean },
        'standard.spread': { shape: [dim], data: standard.spread },
      },
      meta: { epochs: trainLosses.length, bestEpoch, trainLosses, validationLosses, trainRows: train.rows, validationRows: validation.rows },
    };
  };

  readonly restore = (weights: Weights): void => {
    const stored = tensorsFrom(weights, 'matrix-factorization', { weak: 1, strong: 1, project: 2, bias: 1, out: 1, 'standard.mean': 1, 'standard.spread': 1 });
    const [rank, dim] = stored.project.shape as [number, number];
    checkEqual('matrix-factorization', 'model vectors', [rank, stored.weak.data.length, stored.strong.data.length, stored.bias.data.length, stored.out.data.length]);
    checkEqual('matrix-factorization', 'project, mean and spread', [dim, stored['standard.mean'].data.length, stored['standard.spread'].data.length]);
    const parameters = Object.fromEntries(BILINEAR.map((name) => [name, Float64Array.from(stored[name].data)])) as unknown as Bilinear;
    this.#model = { linear: collapse(parameters), standard: { mean: stored['standard.mean'].data, spread: stored['standard.spread'].data } };
  };

  readonly score = (input: RouterInput<EmbeddingSignals>): number => {
    if (this.#model === undefined) throw new Error('matrix-factorization has no weights yet');
    const { linear, standard } = this.#model;
    const x = vectorOf(input);
    checkWidth('matrix-factorization', linear.weight.length, x.length);
    return difference(linear, standardised(standard, x));
  };
}

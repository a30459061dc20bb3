/** Base of the linear routers: one convex fit on z-scored embeddings, run to convergence. */
import {
  HarnessError,
  z,
  type FitContext,
  type FitData,
  type RouterInput,
  type Weights,
} from '../../../core/index.js';
import { standardTensors } from '../_fit/standardise.js';
import { linearObjective, type LinearLoss } from './linear-objective.js';
import { minimise } from './newton.js';
import { collect, computeStandard } from './rows.js';
import { checkEqual, tensorsFrom } from './tensors.js';
import { checkWidth, EmbeddingOptions, getEmbedding, type EmbeddingSignals } from './vector.js';
import { standardised } from '../_fit/standard.js';

/** Options of the linear routers. */
export const LinearOptions = EmbeddingOptions.extend({
  /** Weight of the loss relative to the penalty ½‖w‖²; smaller values give smoother models. */
  c: z.number().positive().default(1),
  /** The fit converges when the gradient falls below this fraction of its initial size. */
  tolerance: z.number().positive().max(0.1).default(1e-8),
  /** Maximum number of Newton steps; reaching it is an error. */
  maxSteps: z.int().positive().default(200),
});
/** Options of the linear routers. */
export type LinearOptions = z.infer<typeof LinearOptions>;

/** The loss that a linear router minimises, and whether the intercept is penalised too. */
export interface LinearKind {
  readonly name: string;
  readonly loss: LinearLoss;
  readonly penaliseBias: boolean;
}

/** w · z + b over the z-scored embedding z. The fit is convex, so seeds do not matter. */
export class LinearRouter {
  #model:
    | {
        readonly weight: Float32Array;
        readonly bias: number;
        readonly mean: Float32Array;
        readonly spread: Float32Array;
      }
    | undefined;

  constructor(
    private readonly kind: LinearKind,
    private readonly options: LinearOptions,
  ) {}

  async fit(
    train: FitData<EmbeddingSignals>,
    validation: FitData<EmbeddingSignals>,
    context: FitContext,
  ): Promise<Weights> {
    context.signal.throwIfAborted();
    const { name, loss, penaliseBias } = this.kind;
    const { c, tolerance, maxSteps } = this.options;
    const features = await collect(name, train);
    const right = features.labels.reduce((sum, label) => sum + label, 0);
    if (right === 0 || right === features.rows)
      throw new HarnessError('fitFailed', {
        router: name,
        rows: features.rows,
        problem: `all labels are ${right === 0 ? 0 : 1}`,
      });
    const standard = computeStandard(features);
    const values = standardised(standard, features.values);
    const { dim } = features;
    const minimum = await minimise(
      linearObjective({ ...features, values }, loss, c, penaliseBias),
      new Float64Array(dim + 1),
      {
        tolerance,
        maxSteps,
        before: async (step, value) => {
          if (step > 0)
            context.progress({
              epoch: step,
              epochs: maxSteps,
              trainLoss: value / (c * features.rows),
            });
          // give the stop signal and the progress display a turn
          await new Promise((resolve) => setImmediate(resolve));
          context.signal.throwIfAborted();
        },
      },
    );
    if (!minimum.converged)
      throw new HarnessError('fitFailed', {
        router: name,
        rows: features.rows,
        problem: `the fit did not converge (${minimum.steps} steps, gradient ${minimum.gradient.toPrecision(3)}); use a smaller c`,
      });
    return {
      tensors: {
        weight: { shape: [dim], data: Float32Array.from(minimum.point.subarray(0, dim)) },
        bias: { shape: [1], data: Float32Array.from(minimum.point.subarray(dim)) },
        ...standardTensors(standard),
      },
      meta: {
        c,
        steps: minimum.steps,
        objective: minimum.value,
        gradient: minimum.gradient,
        trainRows: features.rows,
        validationRows: validation.rows,
      },
    };
  }

  restore(weights: Weights): void {
    const { name } = this.kind;
    const { weight, bias, ...standard } = tensorsFrom(weights, name, {
      weight: 1,
      bias: 1,
      'standard.mean': 1,
      'standard.spread': 1,
    });
    const [mean, spread] = [standard['standard.mean'].data, standard['standard.spread'].data];
    checkEqual(name, 'weight, mean and spread', [weight.data.length, mean.length, spread.length]);
    this.#model = { weight: weight.data, bias: bias.data[0]!, mean, spread };
  }

  score(input: RouterInput<EmbeddingSignals>): number {
    if (this.#model === undefined) throw new Error(`${this.kind.name} has no weights yet`);
    const { weight, bias, mean, spread } = this.#model;
    const x = getEmbedding(input);
    checkWidth(this.kind.name, weight.length, x.length);
    let sum = bias;
    for (let i = 0; i < x.length; i++) sum += (weight[i]! * (x[i]! - mean[i]!)) / spread[i]!;
    return sum;
  }
}

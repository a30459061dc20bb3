/** Base of the probes that weight the layers: read, train, restore, score. */
import {
  HarnessError,
  seededRandom,
  type FitContext,
  type FitData,
  type HiddenStates,
  type RouterInput,
  type Weights,
} from '../../../core/index.js';
import { WorkerPool } from './kernel/worker-pool.js';
import { withKernel, type Kernel } from './kernel/kernel.js';
import { Layered } from './layered.js';
import type { Mixing } from './mixing.js';
import { openParts } from './rows.js';
import type { TrainingOptions } from './schedule.js';
import { train } from './train.js';

interface Signals {
  readonly hiddenStates: HiddenStates;
}

/** A fitted probe with logit Σ_l α_l (w · h_l) + b; `mixing` computes α. */
export class LayeredProbe {
  #weights: Weights['tensors'] | undefined;

  constructor(
    private readonly name: string,
    private readonly mixing: Mixing,
    private readonly options: TrainingOptions,
  ) {}

  async fit(
    train: FitData<Signals>,
    validation: FitData<Signals>,
    context: FitContext,
  ): Promise<Weights> {
    context.signal.throwIfAborted();
    return await withKernel(async (kernel) => {
      const pool = new WorkerPool(
        kernel,
        new URL('./partition-thread.js', import.meta.url),
        context.cores ?? 1,
      );
      try {
        return await this.#fit(kernel, pool, train, validation, context);
      } finally {
        await pool.close(); // before another kernel reuses the memory
      }
    });
  }

  async #fit(
    kernel: Kernel,
    pool: WorkerPool,
    trainData: FitData<Signals>,
    validationData: FitData<Signals>,
    context: FitContext,
  ): Promise<Weights> {
    const getStates = ({ signals: { hiddenStates } }: RouterInput<Signals>): HiddenStates =>
      hiddenStates;
    const { rows, validation } = await openParts(
      kernel,
      trainData,
      validationData,
      getStates,
      this.options.memory,
      pool,
    );
    const { layers, dim } = rows;
    const model = new Layered(
      kernel,
      this.mixing,
      { layers, dim, batchSize: this.options.batchSize },
      seededRandom(context.seed).fork('start'),
      pool,
    );
    const history = await train(this.name, model, rows, validation, this.options, context);
    const { layerWeights, concentration } = await model.summary(validation.windows());
    return {
      tensors: model.parameters.tensors(model.parameters.getAll('values')),
      meta: {
        ...history,
        layerWeights,
        ...(concentration === null ? {} : { concentration, uncertainty: -Math.log(concentration) }),
      },
    };
  }

  restore({ tensors }: Weights): void {
    const [layers, dim] = [
      (tensors['layers.logits'] ?? tensors['gate.bias'])?.data.length ?? 0,
      tensors['classifier.weight']?.data.length ?? 0,
    ];
    const wanted = Object.entries({
      'classifier.weight': [dim],
      'classifier.bias': [1],
      ...this.mixing.shapes(layers, dim),
    });
    const wrong = wanted.find(
      ([name, shape]) => tensors[name]?.data.length !== shape.reduce((a, b) => a * b, 1),
    );
    if (layers === 0 || dim === 0 || wrong !== undefined) {
      throw new HarnessError('weightsMismatch', {
        folder: 'the weights',
        router: this.name,
        problem: `"${wrong?.[0] ?? 'classifier.weight'}" is missing or has the wrong shape`,
      });
    }
    this.#weights = tensors;
  }

  /**
   * The expected layer weights for a query and, if they come from a Dirichlet distribution, its
   * concentration Σβ.
   */
  weigh({ signals: { hiddenStates } }: RouterInput<Signals>): {
    readonly weights: Float64Array;
    readonly concentration: number | null;
  } {
    const row = (name: string): Float32Array => this.#tensor(name);
    const scores = this.mixing.gated
      ? this.#products('gate.weight', hiddenStates)
      : new Float64Array(hiddenStates.layers);
    return this.mixing.mixer({ row, gradientRow: row }, hiddenStates.layers).mix(scores, null);
  }

  score(input: RouterInput<Signals>): number {
    const { weights } = this.weigh(input);
    const products = this.#products('classifier.weight', input.signals.hiddenStates);
    return weights.reduce(
      (sum, weight, l) => sum + weight * products[l]!,
      this.#tensor('classifier.bias')[0]!,
    );
  }

  #products(name: string, { layers, dim, values }: HiddenStates): Float64Array {
    const vector = this.#tensor(name);
    const fitted = (this.#weights?.['layers.logits'] ?? this.#weights?.['gate.bias'])?.data.length;
    if (vector.length !== dim || fitted !== layers) {
      throw new HarnessError('weightsMismatch', {
        folder: 'the weights',
        router: this.name,
        problem: `fitted on ${String(fitted)} layers of ${vector.length} numbers, given ${layers} of ${dim}`,
      });
    }
    return Float64Array.from({ length: layers }, (_, l) => {
      let sum = 0;
      for (let i = 0; i < dim; i++) sum += vector[i]! * values[l * dim + i]!;
      return sum;
    });
  }

  #tensor(name: string): Float32Array {
    if (this.#weights === undefined) throw new Error(`${this.name} has no weights yet`);
    return this.#weights[name]?.data ?? new Float32Array(0);
  }
}
